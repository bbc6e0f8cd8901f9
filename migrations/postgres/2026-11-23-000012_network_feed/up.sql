-- Whether this node and a peer hand each other every post for the network, where both can.
ALTER TABLE peers ADD COLUMN network_feed BOOLEAN NOT NULL DEFAULT TRUE;
