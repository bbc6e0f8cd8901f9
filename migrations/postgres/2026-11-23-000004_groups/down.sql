DROP INDEX posts_by_group;
DROP TABLE group_purges;
DROP TABLE group_originals;
DROP TABLE topics;
DROP TABLE group_pins;
DROP TABLE group_invitations;
DROP TABLE group_actors;
