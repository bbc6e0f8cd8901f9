# What stands around every page: Cymraeg. The same keys in the same order are in the other language.

skip = Neidio i’r prif gynnwys
your-profile = Eich proffil:
nav-main = Prif lywio
nav-administration = Gweinyddu
find-label = Dod o hyd i bobl yn ôl enw neu handlen
find-hint = Enw neu @handlen
find = Chwilio
notice-done = Wedi’i wneud
notice-important = Pwysig
support-links = Dolenni cymorth
footer-about = Ynghylch
footer-accessibility = Hygyrchedd
footer-words = Mae Corridor yn cael ei redeg gan { $department } ar gyfer ei phobl ei hun. Nid yw ar agor i’r cyhoedd.
nav-home = Hafan
nav-department = Fy adran
nav-network = Rhwydwaith
nav-groups = Grwpiau
nav-notifications = Hysbysiadau
nav-people = Pobl
unread = { $n } newydd
language-label = Iaith y tudalennau
