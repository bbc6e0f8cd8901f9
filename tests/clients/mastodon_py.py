"""A conversation of two people at two departments, with Mastodon.py as its users call it.

    mastodon_py.py HERE HERE_HANDLE THERE THERE_HANDLE PASSWORD

HERE and THERE are base URLs; a handle is NAME@HOST. Ends with 0 when everything was as it should be.
"""

import datetime
import io
import struct
import sys
import time
import zlib

import requests

from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError, MastodonUnauthorizedError, StreamListener
from mastodon.errors import MastodonIllegalArgumentError

from pages import authorise

SCOPES = ["read", "write", "follow", "push"]
ADMINISTRATION = ["admin:read", "admin:write"]


def main():
    here_url, here_handle, there_url, there_handle, password = sys.argv[1:6]
    author = step("sign in the author", lambda: sign_in(here_url, here_handle, password, SCOPES + ADMINISTRATION))
    reader = step("sign in the reader", lambda: sign_in(there_url, there_handle, password))
    talk = Conversation(author, here_handle, reader, there_handle)
    for name in ["instances", "announcements", "follows", "posts", "audiences", "conversations", "favourite_boost_bookmark", "reply", "held_back", "edit",
                 "told", "pages_of_a_list", "search", "profile", "polls", "tags", "lists", "filters", "streams", "scheduled", "administration", "refusals", "delete", "pictures", "unfollow"]:
        step(name.replace("_", " "), getattr(talk, name))
    step("the token ends", lambda: token_ends(reader))
    return 0


def step(name, act):
    start = time.monotonic()
    result = act()
    print(f"{name}: {time.monotonic() - start:.2f} s", flush=True)
    return result


def sign_in(base, handle, password, scopes=SCOPES):
    client_id, secret = Mastodon.create_app("Corridor tests", scopes=scopes, api_base_url=base, website="https://corridor.example")
    client = Mastodon(client_id=client_id, client_secret=secret, api_base_url=base, version_check_mode="created",
                      request_timeout=30, ratelimit_method="throw")
    assert (client.mastodon_major, client.mastodon_minor) >= (4, 4), client.mastodon_version
    url = client.auth_request_url(scopes=scopes, allow_http=True)
    assert url.startswith(f"{base}/oauth/authorize?"), url
    code = authorise(url, handle.split("@")[0], password)
    token = client.log_in(code=code, scopes=scopes, allow_http=True)
    assert token and client.access_token == token
    try:
        client.log_in(code=code, scopes=scopes, allow_http=True)
    except MastodonIllegalArgumentError:
        pass
    else:
        raise AssertionError("a code was taken twice")
    # A code that comes back ends what it gave (RFC 6749, 4.1.2); the person agrees once more.
    code = authorise(client.auth_request_url(scopes=scopes, allow_http=True), handle.split("@")[0], password)
    client.log_in(code=code, scopes=scopes, allow_http=True)
    assert client.app_verify_credentials().name == "Corridor tests"
    return client


def eventually(what, ask):
    end = time.monotonic() + 30
    while True:
        found = ask()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what}: nothing after 30 seconds")
        time.sleep(0.05)


def refused(act, kind=MastodonAPIError, words=""):
    try:
        result = act()
    except kind as error:
        assert words in str(error), f"“{words}” is not in “{error}”"
        return
    raise AssertionError(f"this should have been refused: {result}")


def arrives(client, words):
    def ask():
        return next((post for post in client.timeline_home(limit=40) if words in post.content), None)
    return eventually(f"“{words}” arrives", ask)


class Conversation:
    def __init__(self, author, author_handle, reader, reader_handle):
        self.author, self.author_handle = author, author_handle
        self.reader, self.reader_handle = reader, reader_handle
        self.me = author.account_verify_credentials()
        self.you = reader.account_verify_credentials()
        assert self.me.acct == self.me.username == author_handle.split("@")[0], self.me
        assert self.me.source.privacy == "public", self.me.source
        assert not self.me.locked and not self.me.bot and not self.me.group

    def instances(self):
        one, two = self.author.instance_v1(), self.author.instance_v2()
        host = self.author_handle.split("@", 1)[1]
        assert one.uri == two.domain == host, (one.uri, two.domain)
        assert two.configuration.statuses.max_characters >= 500
        assert two.configuration.statuses.max_media_attachments == 4
        assert two.api_versions.mastodon >= 1
        assert two.registrations.enabled is False
        assert len(two.rules) == len(self.author.instance_rules()) > 0
        assert self.author.custom_emojis() == []
        preferences = self.author.preferences()
        assert preferences["posting:default:visibility"] == "public", preferences

    def announcements(self):
        one, = self.author.announcements()
        assert "new kettle" in one.content and not one.read and one.reactions == [], one
        self.author.announcement_dismiss(one.id)
        self.author.announcement_reaction_create(one.id, "🫖")
        one, = self.author.announcements()
        assert one.read and [(each.name, each.count, each.me) for each in one.reactions] == [("🫖", 1, True)], one
        refused(lambda: self.author.announcement_reaction_create(one.id, "blobcat"), words="not a recognized emoji")
        self.author.announcement_reaction_delete(one.id, "🫖")
        assert self.author.announcements()[0].reactions == []
        refused(lambda: self.author.announcement_reaction_delete(one.id, "🫖"), MastodonNotFoundError)
        assert self.reader.announcements() == []

    def follows(self):
        found = self.reader.search(f"@{self.author_handle}", resolve=True, result_type="accounts")
        assert [account.acct for account in found.accounts] == [self.author_handle], found.accounts
        self.author_there = found.accounts[0]
        relation = self.reader.account_follow(self.author_there.id, reblogs=True, notify=False)
        assert relation.following or relation.requested, relation
        eventually("the follow is accepted", lambda: self.reader.account_relationships(self.author_there.id)[0].following)
        found = eventually("the follower is known here", lambda: self.author.account_followers(self.me.id))
        assert [account.acct for account in found] == [self.reader_handle]
        self.reader_here = found[0]
        relation = self.author.account_follow(self.reader_here.id)
        eventually("the follow back is accepted", lambda: self.author.account_relationships(self.reader_here.id)[0].following)
        relations = self.author.account_relationships([self.reader_here.id, self.me.id])
        assert [relation.id for relation in relations][0] == self.reader_here.id, relations
        assert relations[0].followed_by
        assert [account.acct for account in self.reader.account_following(self.you.id)] == [self.author_handle]

    def posts(self):
        key = "the-same-attempt"
        first = self.author.status_post("Good morning from #Procurement", visibility="public", language="en", idempotency_key=key)
        again = self.author.status_post("Good morning from #Procurement", visibility="public", language="en", idempotency_key=key)
        assert first.id == again.id, "an idempotency key was not honoured"
        mine = self.author.account_statuses(self.me.id)
        assert [post.id for post in mine] == [first.id], mine
        assert first.visibility == "public" and first.audience == "network" and first.marking == "OFFICIAL"
        assert first.language == "en" and [tag.name.lower() for tag in first.tags] == ["procurement"]
        assert first.application.name == "Corridor tests"
        seen = arrives(self.reader, "Good morning")
        assert seen.uri == first.uri and seen.account.id == self.author_there.id
        assert seen.created_at == first.created_at
        assert self.reader.status(seen.id).content == seen.content
        tagged = self.reader.timeline_hashtag("procurement")
        assert [post.id for post in tagged] == [seen.id]
        assert any(post.id == seen.id for post in self.reader.timeline_public(remote=True))
        assert any(post.id == first.id for post in self.author.timeline_local())
        assert all(post.id != seen.id for post in self.reader.timeline_local())
        self.here, self.there = first, seen

    def audiences(self):
        followers = self.author.status_post("For those who follow me", visibility="private")
        assert (followers.visibility, followers.audience) == ("private", "followers")
        seen = arrives(self.reader, "For those who follow me")
        assert seen.visibility == "private"
        named = self.author.status_post(f"@{self.reader_handle} between the two of us", visibility="direct")
        assert (named.visibility, named.audience) == ("direct", "named")
        assert [mention.acct for mention in named.mentions] == [self.reader_handle]
        seen = arrives(self.reader, "between the two of us")
        assert seen.visibility == "direct"
        assert [mention.acct for mention in seen.mentions] == [self.you.username]
        unlisted = self.author.status_post("Not listed", visibility="unlisted")
        assert (unlisted.visibility, unlisted.audience) == ("public", "network")
        warned = self.author.status_post("The long story", spoiler_text="About the move", sensitive=True)
        assert warned.spoiler_text == "About the move" and warned.sensitive
        assert arrives(self.reader, "The long story").spoiler_text == "About the move"
        public = [post.content for post in self.reader.timeline_public(limit=40)]
        for closed in ["For those who follow me", "between the two of us"]:
            assert all(closed not in content for content in public)

    def conversations(self):
        heard = Ear()
        stream = self.reader.stream_direct(heard, run_async=True)
        eventually("the stream is open", lambda: heard.beats)
        made = self.author.status_post(f"@{self.reader_handle} a talk of two", visibility="direct")
        told = eventually("the conversation is heard", lambda: heard.first("conversation", "a talk of two"))
        stream.close()
        assert told.unread and [account.acct for account in told.accounts] == [self.author_handle], told
        one = self.reader.conversations()[0]
        assert one.id == told.id and one.unread and one.last_status.uri == made.uri, one
        assert not self.reader.conversations_read(one).unread
        answer = self.reader.status_post(f"@{self.author_handle} an answer", visibility="direct", in_reply_to_id=one.last_status.id)
        mine = eventually("the answer arrives", lambda: next((talk for talk in self.author.conversations() if talk.last_status.uri == answer.uri), None))
        assert mine.unread and [account.acct for account in mine.accounts] == [self.reader_handle], mine
        page = self.author.conversations(limit=1)
        assert [talk.id for talk in page] == [mine.id]
        assert all(talk.id != mine.id for talk in self.author.fetch_next(page) or [])

    def favourite_boost_bookmark(self):
        there = self.there.id
        assert self.reader.status_favourite(there).favourited
        boost = self.reader.status_reblog(there)
        assert boost.reblog.id == there and boost.reblog.reblogged, boost
        assert self.reader.status_bookmark(there).bookmarked
        eventually("the author sees both", lambda: (lambda post: post.favourites_count == post.reblogs_count == 1)(self.author.status(self.here.id)))
        assert [account.acct for account in self.author.status_favourited_by(self.here.id)] == [self.reader_handle]
        assert [account.acct for account in self.author.status_reblogged_by(self.here.id)] == [self.reader_handle]
        assert [post.id for post in self.reader.favourites()] == [there]
        assert [post.id for post in self.reader.bookmarks()] == [there]
        assert not self.reader.status_unfavourite(there).favourited
        assert not self.reader.status_unbookmark(there).bookmarked
        assert not self.reader.status_unreblog(there).reblogged
        eventually("the author sees that both are undone", lambda: (lambda post: post.favourites_count == post.reblogs_count == 0)(self.author.status(self.here.id)))
        assert self.reader.favourites() == [] and self.reader.bookmarks() == []

    def reply(self):
        answer = self.reader.status_reply(self.there, "An answer from the other department")
        assert answer.in_reply_to_id == self.there.id and answer.in_reply_to_account_id == self.author_there.id
        below = eventually("the answer arrives", lambda: self.author.status_context(self.here.id).descendants)
        assert [post.in_reply_to_id for post in below] == [self.here.id]
        above = self.reader.status_context(answer.id).ancestors
        assert [post.id for post in above] == [self.there.id]
        assert eventually("the count of replies", lambda: self.author.status(self.here.id).replies_count) == 1
        self.answer = answer

    def held_back(self):
        assert self.author.notifications_policy().for_not_following == "accept"
        policy = self.author.update_notifications_policy(for_not_following="filter", for_private_mentions="drop")
        assert (policy.for_not_following, policy.for_private_mentions) == ("filter", "drop"), policy
        self.author.account_unfollow(self.reader_here.id)
        self.reader.status_post(f"@{self.author_handle} held back", visibility="public")
        one = eventually("the request", self.author.notification_requests)[0]
        assert one.account.id == self.reader_here.id and "held back" in one.last_status.content, one
        assert self.author.notification_request(one.id).id == one.id
        assert all(not told.status or "held back" not in told.status.content for told in self.author.notifications())
        self.author.accept_notification_request(one.id)
        assert self.author.notifications_merged() and self.author.notification_requests() == []
        assert any(told.status and "held back" in told.status.content for told in self.author.notifications())
        self.author.dismiss_multiple_notification_requests([one.id])
        self.author.update_notifications_policy(for_not_following="accept", for_private_mentions="accept")
        self.author.account_follow(self.reader_here.id)
        eventually("the follow is accepted again", lambda: self.author.account_relationships(self.reader_here.id)[0].following)

    def edit(self):
        changed = self.author.status_update(self.here.id, "Good evening from #Procurement")
        assert changed.id == self.here.id and changed.edited_at and "Good evening" in changed.content
        states = self.author.status_history(self.here.id)
        assert ["Good morning" in states[0].content, "Good evening" in states[-1].content] == [True, True], states
        assert self.author.status_source(self.here.id).text == "Good evening from #Procurement"
        refused(lambda: self.reader.status_source(self.there.id), MastodonNotFoundError)
        refused(lambda: self.reader.status_update(self.there.id, "Not mine"))
        eventually("the edit arrives", lambda: "Good evening" in self.reader.status(self.there.id).content)
        assert len(self.reader.status_history(self.there.id)) == 2

    def told(self):
        def kinds():
            return {item.type for item in self.author.notifications()}
        eventually("the author was told", lambda: {"follow", "mention"} <= kinds())
        only = self.author.notifications(types=["mention"])
        assert {item.type for item in only} == {"mention"}
        assert {item.account.acct for item in only} == {self.reader_handle}
        assert "mention" not in {item.type for item in self.author.notifications(exclude_types=["mention"])}
        one = self.author.notifications(id=only[0].id)
        assert one.id == only[0].id and one.status.id
        found = self.author.grouped_notifications(types=["mention", "follow"])
        groups = {group.type: group for group in found.notification_groups}
        assert groups["follow"].sample_account_ids == [self.reader_here.id], found
        assert {account.id for account in found.accounts} == {self.reader_here.id} and found.statuses, found
        key = groups["follow"].group_key
        assert self.author.grouped_notification(key).notification_groups[0].notifications_count == 1
        assert [account.id for account in self.author.grouped_notification_accounts(key)] == [self.reader_here.id]
        assert self.author.unread_grouped_notifications_count(types=["follow"]) == 1
        self.author.dismiss_grouped_notification(key)
        refused(lambda: self.author.grouped_notification(key), MastodonNotFoundError)
        self.author.notifications_dismiss(one.id)
        assert one.id not in [item.id for item in self.author.notifications()]
        self.author.notifications_clear()
        assert self.author.notifications() == []

    def pages_of_a_list(self):
        made = [self.author.status_post(f"Page {number}").id for number in range(7)]
        page, seen, rounds = self.author.account_statuses(self.me.id, limit=3, exclude_replies=True), [], 0
        while page:
            assert len(page) <= 3
            seen += [post.id for post in page]
            page, rounds = self.author.fetch_next(page), rounds + 1
            assert rounds < 20, "the pages do not end"
        assert seen[:7] == list(reversed(made)) and len(seen) == len(set(seen)) > 7, seen
        older = self.author.account_statuses(self.me.id, limit=3, max_id=made[3])
        newer = self.author.fetch_previous(older)
        assert {post.id for post in newer} <= set(made[3:]), "a page before is not newer"
        everything = self.author.fetch_remaining(self.author.account_statuses(self.me.id, limit=2))
        assert len(everything) == len(seen)

    def search(self):
        found = self.author.search("between the two", result_type="statuses")
        assert all("between the two" in post.content for post in found.statuses)
        found = self.reader.search(self.here.uri, resolve=True, result_type="statuses")
        assert [post.id for post in found.statuses] == [self.there.id], found.statuses
        found = self.author.search("procurement", result_type="hashtags")
        assert "procurement" in [tag.name.lower() for tag in found.hashtags]
        name = self.author_handle.split("@")[0]
        assert self.author.account_lookup(name).id == self.me.id
        assert self.reader.account_lookup(self.author_handle).id == self.author_there.id
        assert self.me.id in [account.id for account in self.author.account_search(name)]
        assert self.author.search("@nobody@stranger.example", resolve=True).accounts == []

    def profile(self):
        changed = self.author.account_update_credentials(display_name="Asha of Tests", note="Buys things for the department")
        assert changed.display_name == "Asha of Tests" and changed.source.note == "Buys things for the department"
        assert self.author.account(self.me.id).display_name == "Asha of Tests"
        eventually("the new name arrives", lambda: self.reader.account(self.author_there.id).display_name == "Asha of Tests")

    def polls(self):
        made = self.author.status_post("Which tea?", poll=self.author.make_poll(["Mint", "Green"], 600))
        assert [option.title for option in made.poll.options] == ["Mint", "Green"], made.poll
        there = arrives(self.reader, "Which tea?")
        assert not there.poll.voted and not there.poll.expired, there.poll
        voted = self.reader.poll_vote(there.poll.id, [1])
        assert voted.voted and voted.own_votes == [1], voted
        counted = eventually("the vote is counted", lambda: (poll := self.author.poll(made.poll.id)).votes_count == 1 and poll)
        assert [option.votes_count for option in counted.options] == [0, 1], counted
        refused(lambda: self.reader.poll_vote(there.poll.id, [0]))
        refused(lambda: self.author.poll_vote(made.poll.id, [0]))

    def tags(self):
        assert self.reader.tag_follow("Tea").following
        assert [tag.name for tag in self.reader.followed_tags()] == ["tea"]
        assert not self.reader.tag_unfollow("tea").following
        assert self.reader.tag_feature("tea").featuring and self.reader.tag("tea").featuring
        assert [tag.name for tag in self.reader.featured_tags()] == ["tea"]
        assert not self.reader.tag_unfeature("tea").featuring

    def lists(self):
        made = self.reader.list_create("Close ones", replies_policy="none", exclusive=True)
        assert (made.title, made.replies_policy, made.exclusive) == ("Close ones", "none", True), made
        assert [one.id for one in self.reader.lists()] == [made.id] and self.reader.list(made.id).title == "Close ones"
        refused(lambda: self.reader.list_accounts_add(made.id, [self.you.id, "1"]), MastodonNotFoundError)
        self.reader.list_accounts_add(made.id, [self.author_there.id])
        assert [one.id for one in self.reader.list_accounts(made.id)] == [self.author_there.id]
        assert [one.id for one in self.reader.account_lists(self.author_there.id)] == [made.id]
        words = "For the list alone"
        self.author.status_post(words, visibility="public")
        eventually("the list shows it", lambda: any(words in post.content for post in self.reader.timeline_list(made.id)))
        assert all(words not in post.content for post in self.reader.timeline_home(limit=40))
        changed = self.reader.list_update(made.id, "Others", exclusive=False)
        assert (changed.title, changed.exclusive) == ("Others", False), changed
        assert any(words in post.content for post in self.reader.timeline_home(limit=40))
        self.reader.list_accounts_delete(made.id, [self.author_there.id])
        assert self.reader.list_accounts(made.id) == []
        self.reader.list_delete(made.id)
        refused(lambda: self.reader.list(made.id), MastodonNotFoundError)

    def filters(self):
        made = self.reader.create_filter_v2("Drinks", ["home", "thread"], "warn", expires_in=3600,
                                            keywords_attributes=[{"keyword": "lemonade", "whole_word": True}])
        assert (made.title, made.context, made.filter_action) == ("Drinks", ["home", "thread"], "warn"), made
        assert made.expires_at and [one.keyword for one in made.keywords] == ["lemonade"], made
        self.author.status_post("Some Lemonade for everyone", visibility="public")
        seen = arrives(self.reader, "Some Lemonade")
        assert [(one.filter.title, one.keyword_matches) for one in seen.filtered] == [("Drinks", ["lemonade"])], seen.filtered
        keyword = self.reader.add_filter_keyword_v2(made.id, "cider", whole_word=False)
        assert [one.keyword for one in self.reader.filter_keywords_v2(made.id)] == ["lemonade", "cider"]
        self.reader.delete_filter_keyword_v2(keyword.id)
        held = self.reader.add_filter_status_v2(made.id, seen.id)
        assert [one.status_id for one in self.reader.filter_statuses_v2(made.id)] == [seen.id]
        self.reader.delete_filter_status_v2(held.id)
        changed = self.reader.update_filter_v2(made.id, filter_action="hide", keywords_attributes=[{"id": made.keywords[0].id, "whole_word": False}])
        assert changed.filter_action == "hide" and not changed.keywords[0].whole_word, changed
        assert all("Some Lemonade" not in post.content for post in self.reader.timeline_home(limit=40))
        (old,) = self.reader.filters()
        assert (old.phrase, old.irreversible) == ("lemonade", True), old
        self.reader.delete_filter_v2(made.id)
        assert self.reader.filters_v2() == []
        old = self.reader.filter_create("cider", ["home"], irreversible=False, whole_word=True)
        assert self.reader.filter(old.id).phrase == "cider"
        self.reader.filter_delete(old.id)
        assert self.reader.filters() == []
        assert arrives(self.reader, "Some Lemonade").filtered == []

    def streams(self):
        assert self.reader.stream_healthy()
        heard = Ear()
        stream = self.reader.stream_user(heard, run_async=True)
        eventually("the stream is open", lambda: heard.beats)
        name = self.reader_handle
        made = self.author.status_post(f"@{name} is told at once", visibility="public")
        update = eventually("the update is heard", lambda: heard.first("update", "is told at once"))
        assert update.uri == made.uri and update.account.id == self.author_there.id, update
        told = eventually("the notification is heard", lambda: heard.first("notification", "is told at once"))
        assert told.type == "mention" and told.status.id == update.id, told
        self.author.status_update(made.id, f"@{name} is told in other words")
        changed = eventually("the edit is heard", lambda: heard.first("status_update", "in other words"))
        assert changed.id == update.id and changed.edited_at, changed
        self.author.status_delete(made.id)
        eventually("the deletion is heard", lambda: str(update.id) in [str(gone) for gone in heard.gone])
        stream.close()
        public = Ear()
        stream = self.author.stream_public(public, run_async=True, local=True)
        eventually("the public stream is open", lambda: public.beats)
        self.author.status_post("Everyone hears this", visibility="public")
        eventually("the public update is heard", lambda: public.first("update", "Everyone hears this"))
        stream.close()

    def scheduled(self):
        later = self.author.status_post("Later", scheduled_at=_tomorrow())
        assert later.params.text == "Later" and later.scheduled_at > datetime.datetime.now(datetime.timezone.utc)
        assert [one.id for one in self.author.scheduled_statuses()] == [later.id]
        latest = _tomorrow() + datetime.timedelta(days=1)
        moved = self.author.scheduled_status_update(later.id, latest)
        assert abs(moved.scheduled_at - latest) < datetime.timedelta(seconds=1), moved
        refused(lambda: self.reader.scheduled_status(later.id), MastodonNotFoundError)
        self.author.scheduled_status_delete(later.id)
        assert self.author.scheduled_statuses() == []

    def administration(self):
        one, = self.author.admin_accounts_v2(origin="local", username=self.me.username, permissions="staff", status="active")
        assert one.id == self.me.id and one.role.name == "administrator" and "@" in one.email and one.ip is None, one
        afar = self.author.search(f"@{self.reader_handle}", resolve=True, result_type="accounts").accounts[0]
        listed = self.author.admin_accounts_v1(remote=True, by_domain=self.reader_handle.split("@", 1)[1])
        # The library says that this is one account, and leaves the list as it came.
        assert str(afar.id) in [account["id"] for account in listed], listed
        shown = self.author.admin_account(afar.id)
        assert shown.domain and shown.email is None and not shown.suspended and shown.account.acct == self.reader_handle, shown
        made = self.author.report(afar.id, comment="Please look", category="spam")
        report, = self.author.admin_reports(target_account_id=afar.id)
        assert report.id == made.id and report.account.id == self.me.id and report.assigned_account is None, report
        settled = self.author.admin_report_resolve(report.id)
        assert settled.action_taken and settled.action_taken_by_account.id == self.me.id, settled
        assert self.author.admin_reports() == [] and len(self.author.admin_reports(resolved=True)) == 1
        assert not self.author.admin_report_reopen(report.id).action_taken
        self.author.admin_account_moderate(afar.id, action="none", report_id=report.id, text="Talked to them")
        assert self.author.admin_report(report.id).action_taken
        refused(lambda: self.author.admin_account_moderate(afar.id, action="disable"), words="own department")
        refused(lambda: self.author.admin_account_moderate(afar.id, action="silence"), words="limited")
        assert not self.author.admin_account_enable(self.me.id).disabled
        allowed, = self.author.admin_domain_allows()
        assert allowed.domain == self.reader_handle.split("@", 1)[1], allowed
        assert self.author.admin_domain_allow(allowed.id).domain == allowed.domain
        assert self.author.admin_domain_blocks() == []
        refused(lambda: self.author.admin_create_domain_allow("other.example"))
        refused(lambda: self.reader.admin_accounts_v2(), words="Forbidden")
        assert self.reader.instance_health()

    def refusals(self):
        count = self.author.account(self.me.id).statuses_count
        refused(lambda: self.author.status_post(""))
        refused(lambda: self.author.status_post("@nobody@stranger.example hello"), words="stranger.example")
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
        refused(lambda: self.author.status_post("Too soon", scheduled_at=soon), words="5 minutes")
        refused(lambda: self.author.status_post("Which?", poll=self.author.make_poll(["a"], 600)), words="Options")
        refused(lambda: self.author.status("1"), MastodonNotFoundError)
        assert self.author.account(self.me.id).statuses_count == count

    def delete(self):
        gone = self.author.status_delete(self.here.id)
        assert gone.text == "Good evening from #Procurement"
        refused(lambda: self.author.status(self.here.id), MastodonNotFoundError)

        def vanished():
            try:
                self.reader.status(self.there.id)
            except MastodonNotFoundError:
                return True
            return False
        eventually("the deletion arrives", vanished)
        assert all(post.id != self.there.id for post in self.reader.timeline_home(limit=40))

    def pictures(self):
        made = self.author.media_post(io.BytesIO(_png()), mime_type="image/png", description="A red square", focus=(0.5, -0.5))
        assert made.type == "image" and made.description == "A red square" and made.meta.focus.x == 0.5, made
        made = self.author.media_update(made.id, description="A square")
        post = self.author.status_post("Look at this square", media_ids=[made.id], visibility="public")
        assert [one.id for one in post.media_attachments] == [made.id], post.media_attachments
        seen = arrives(self.reader, "Look at this square")
        picture = seen.media_attachments[0]
        assert picture.description == "A square" and picture.meta.original.size == "30x20", picture
        # As apps load pictures: a plain request, without the token.
        for address in [picture.url, picture.preview_url, seen.account.avatar, seen.account.header]:
            answer = requests.get(address, timeout=30)
            assert answer.ok and answer.headers["content-type"] == "image/png", (address, answer)
        refused(lambda: self.author.media_post(io.BytesIO(b"<svg/>"), mime_type="image/png"), words="SVG")

    def unfollow(self):
        relation = self.reader.account_unfollow(self.author_there.id)
        assert not relation.following and not relation.requested
        eventually("the author has no follower", lambda: self.author.account_followers(self.me.id) == [])


class Ear(StreamListener):
    """Keeps what it hears."""

    def __init__(self):
        self.heard, self.gone, self.beats = [], [], 0

    def on_update(self, status):
        self.heard.append(("update", status, status))

    def on_status_update(self, status):
        self.heard.append(("status_update", status, status))

    def on_notification(self, notification):
        self.heard.append(("notification", notification, notification.status))

    def on_conversation(self, conversation):
        self.heard.append(("conversation", conversation, conversation.last_status))

    def on_delete(self, status_id):
        self.gone.append(status_id)

    def handle_heartbeat(self):
        self.beats += 1

    def first(self, kind, words):
        return next((entity for name, entity, status in self.heard if name == kind and status and words in status.content), None)


def _png():
    """A red rectangle."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = (b"\0" + b"\xff\0\0" * 30) * 20
    head = struct.pack(">IIBBBBB", 30, 20, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _tomorrow():
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)


def token_ends(client):
    other = Mastodon(access_token=client.access_token, api_base_url=client.api_base_url, ratelimit_method="throw")
    assert other.me().id
    client.revoke_access_token(allow_http=True)
    refused(other.account_verify_credentials, MastodonUnauthorizedError)


if __name__ == "__main__":
    sys.exit(main())
