# Connections: Cymraeg. The same keys in the same order are in the other language.

connect-title = Gofyn i { $name } gysylltu
connect-words = Pan fyddant yn cytuno, byddwch yn dilyn eich gilydd. Tan hynny ni fydd dim yn newid.
connect-note = Nodyn iddynt (dewisol)
connect-note-hint = Nodwch o ble yr ydych yn adnabod eich gilydd, mewn 300 nod ar y mwyaf. Nid oes neb arall yn ei weld. Peidiwch ag ysgrifennu dim sydd wedi’i farcio’n uwch nag OFFICIAL.
connections-title = Eich cysylltiadau
connections-intro = Mae pobl sydd wedi cysylltu ill dau wedi cytuno i hynny, ac yn dilyn ei gilydd. Nid yw neb arall yn cael gweld â phwy yr ydych wedi cysylltu.
connections-asking = Yn gofyn am gysylltu â chi
connections-no-older = Does dim cysylltiadau hŷn.
connections-none = Nid ydych wedi cysylltu â neb eto. Dewch o hyd i rywun yr ydych yn ei adnabod, agorwch ei broffil a dewiswch “Gofyn am gysylltu”.
connections-waiting = Yn aros am ateb
connect = Cysylltu
connection-request-to = y cais i { $name }
connection-since = Cysylltwyd
connection-asked = Gofynnwyd
