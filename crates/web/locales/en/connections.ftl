# Connections: English. The same keys in the same order are in the other language.

connect-title = Ask { $name } to connect
connect-words = When they agree, you follow each other. Until then nothing changes.
connect-note = A note to them (optional)
connect-note-hint = Say where you know each other from, in at most 300 characters. Nobody else sees it. Write nothing that is marked above OFFICIAL.
connections-title = Your connections
connections-intro = People who are connected have both said so, and follow each other. Nobody else is shown whom you are connected with.
connections-asking = Asking to connect with you
connections-no-older = There are no older connections.
connections-none = You are connected with nobody yet. Find somebody whom you know, open their profile and choose “Ask to connect”.
connections-waiting = Waiting for their answer
connect = Connect
connection-request-to = the request to { $name }
connection-since = Connected
connection-asked = Asked
