"""A conversation of two people at two departments, with the command line client toot.

    toot_cli.py TOOT HERE HERE_HANDLE THERE THERE_HANDLE PASSWORD

TOOT is the program; HERE and THERE are base URLs; a handle is NAME@HOST. Ends with 0 when everything was as it
should be. What toot prints for people is read where it prints that; elsewhere the JSON that it passes on.
"""

import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time

from pages import authorise


def main():
    program, here_url, here_handle, there_url, there_handle, password = sys.argv[1:7]
    with tempfile.TemporaryDirectory() as folder:
        author = Toot(program, os.path.join(folder, "author"), here_url, here_handle)
        reader = Toot(program, os.path.join(folder, "reader"), there_url, there_handle)
        for client in (author, reader):
            client.log_in(password)
        converse(author, reader)
        refusals(author)
        author.run("logout", here_handle)
        assert "not logged in" in author.run("auth")
    return 0


class Toot:
    def __init__(self, program, config, base, handle):
        os.makedirs(config)
        self.program, self.base, self.handle = program, base, handle
        self.environment = {
            "PATH": os.environ.get("PATH", ""), "HOME": config, "XDG_CONFIG_HOME": config, "XDG_CACHE_HOME": config,
            "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8", "NO_PROXY": "*", "NO_COLOR": "1",
        }

    def log_in(self, password):
        """`toot login` as it is used: it prints an address, and asks for the code that the page there shows."""
        with subprocess.Popen(
            [self.program, "login", "--instance", self.base], env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:
            try:
                said, url = "", None
                for line in process.stdout:
                    said += line
                    if line.startswith(self.base):
                        url = line.strip()
                        break
                assert url, f"toot printed no address: {said}"
                code = authorise(url, self.handle.split("@")[0], password)
                # It first asks whether to open a browser.
                rest, _ = process.communicate(f"n\n{code}\n", timeout=60)
            finally:
                process.kill()
        assert process.returncode == 0 and "Successfully logged in" in rest, said + rest
        assert self.handle in self.run("auth"), "toot names the account otherwise"

    def run(self, *arguments, fails=False):
        if arguments[0] == "timelines" and "--json" not in arguments:
            arguments += ("--no-pager", "--no-clear")
        done = subprocess.run([self.program, *arguments], env=self.environment, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if (done.returncode != 0) != fails:
            raise AssertionError(f"toot {' '.join(arguments)} ended with {done.returncode}: {done.stdout}")
        return done.stdout

    def turn_pages(self, *arguments):
        """Reads a timeline as one does in a terminal: a key for the next page, until there is none."""
        keys, terminal = pty.openpty()
        process = subprocess.Popen([self.program, *arguments], env=self.environment,
                                   stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            said, end = b"", time.monotonic() + 60
            while time.monotonic() < end:
                # It throws away keys that were pressed before it waits for one, so that a key is pressed when it is silent.
                if not select.select([process.stdout], [], [], 0.2)[0]:
                    os.write(keys, b" ")
                    continue
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    break
                said += chunk
            process.wait(timeout=10)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            os.close(keys)
            os.close(terminal)
        assert process.returncode == 0, said.decode()
        return said.decode()

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))


def eventually(what, ask):
    end = time.monotonic() + 30
    while True:
        found = ask()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what}: nothing after 30 seconds")
        time.sleep(0.1)


def step(name):
    print(name, flush=True)


def converse(author, reader):
    step("who am I")
    name = author.handle.split("@")[0]
    assert f"@{name}" in author.run("whoami")
    me = author.json("whoami")
    assert me["acct"] == name and me["source"]["privacy"] == "public"
    assert "Department of Tests" in author.run("instance")

    step("follow across")
    assert author.handle in reader.run("search", "--resolve", f"@{author.handle}")
    reader.run("follow", author.handle)
    eventually("the follow is accepted", lambda: author.handle in reader.run("following"))
    eventually("the follower is known", lambda: reader.handle in author.run("followers"))

    step("post")
    author.run("post", "Good morning from #Procurement", "--language", "en")
    (made,) = author.json("timelines", "home")
    assert made["visibility"] == "public" and made["language"] == "en"
    assert "Good morning" in author.run("timelines", "public", "--local")
    assert "Good morning" in author.run("timeline", "--once")
    seen = eventually("the post arrives", lambda: next(iter(reader.json("timelines", "home")), None))
    assert seen["uri"] == made["uri"]
    assert "Good morning" in reader.run("timelines", "home")
    assert "Good morning" in reader.run("timelines", "public", "--remote")
    assert "Good morning" not in reader.run("timelines", "public", "--local")
    assert "Good morning" in reader.run("timelines", "tag", "procurement")
    assert "Good morning" in reader.run("timelines", "account", author.handle)
    assert "Good morning" in reader.run("status", seen["id"])

    step("reply")
    reader.run("post", f"@{author.handle} an answer", "--reply-to", seen["id"])
    eventually("the answer arrives", lambda: author.json("thread", made["id"])["descendants"])
    assert "an answer" in author.run("thread", made["id"])

    step("favourite, boost, bookmark")
    for act, undo, field in [("favourite", "unfavourite", "favourited"), ("bookmark", "unbookmark", "bookmarked"), ("reblog", "unreblog", "reblogged")]:
        reader.run(act, seen["id"])
        assert reader.json("status", seen["id"])[field]
        if act == "favourite":
            assert "Good morning" in reader.run("timelines", "favourites")
        if act == "bookmark":
            assert "Good morning" in reader.run("bookmarks", "--once")
        if act == "reblog":
            eventually("the author sees who", lambda: reader.handle in author.run("reblogged_by", made["id"]))
        told = {"favourite": "favourited", "reblog": "boosted"}.get(act)
        if told:
            eventually("the author is told", lambda: act in {item["type"] for item in author.json("notifications")})
            assert told in author.run("notifications")
        reader.run(undo, seen["id"])
        assert not reader.json("status", seen["id"])[field]

    step("edit by writing anew, audiences")
    author.run("post", "For followers", "--visibility", "private")
    eventually("the closed post arrives", lambda: "For followers" in reader.run("timelines", "home"))
    author.run("post", f"@{reader.handle} for you", "--visibility", "direct")
    eventually("the direct post arrives", lambda: "for you" in reader.run("timelines", "home"))
    assert "for you" not in reader.run("timelines", "public")
    author.run("post", f"@{reader.handle} a second thought", "--reply-last")
    eventually("the second thought arrives", lambda: "a second thought" in reader.run("timelines", "home"))

    step("pages")
    for number in range(5):
        author.run("post", f"Page {number}.")
    paged = author.turn_pages("timelines", "account", author.handle.split("@")[0], "--limit", "2", "--no-clear")
    assert all(paged.count(f"Page {number}.") == 1 for number in range(5)), paged
    assert paged.count("Good morning") == 1, paged

    step("lists")
    reader.run("lists", "create", "Close ones")
    assert "Close ones" in reader.run("lists", "list")
    reader.run("lists", "add", "Close ones", author.handle)
    assert author.handle in reader.run("lists", "accounts", "Close ones")
    author.run("post", "For the list.")
    eventually("the list shows it", lambda: "For the list." in reader.run("timelines", "list", "Close ones"))
    reader.run("lists", "remove", "Close ones", author.handle)
    assert author.handle not in reader.run("lists", "accounts", "Close ones")
    reader.run("lists", "delete", "Close ones")
    assert "Close ones" not in reader.run("lists", "list")

    step("notifications")
    assert "mention" in {item["type"] for item in author.json("notifications", "--type", "mention")}
    assert "You have no notifications" not in author.run("notifications")
    author.run("notifications", "--clear")
    assert author.json("notifications") == []

    step("profile")
    author.run("update_account", "--display-name", "Asha of Tests", "--note", "Buys things")
    assert "Asha of Tests" in author.run("whoami")

    step("delete")
    author.run("delete", made["id"])
    assert "Good morning" not in author.run("timelines", "home")
    eventually("the deletion arrives", lambda: "Good morning" not in reader.run("timelines", "home"))
    author.run("status", made["id"], fails=True)

    step("unfollow")
    reader.run("unfollow", author.handle)
    eventually("the follower is gone", lambda: reader.handle not in author.run("followers"))


def refusals(author):
    step("refusals in words")
    said = author.run("post", "Which one?", "--poll-option", "this", "--poll-option", "this", fails=True)
    assert "Options" in said, said
    said = author.run("post", "Too soon", "--scheduled-in", "1 minute", fails=True)
    assert "scheduled" in said.lower(), said
    assert "scheduled for" in author.run("post", "Later", "--scheduled-in", "1 hour").lower()
    assert "Later" not in author.run("timelines", "home")
    said = author.run("post", "@nobody@stranger.example hello", fails=True)
    assert "stranger.example" in said, said
    author.run("thread", "1", fails=True)


if __name__ == "__main__":
    sys.exit(main())
