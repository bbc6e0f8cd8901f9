# What stands around every page: English. The same keys in the same order are in the other language.

skip = Skip to main content
your-profile = Your profile:
nav-main = Main
nav-administration = Administration
find-label = Find people by name or handle
find-hint = Name or @handle
find = Find
notice-done = Done
notice-important = Important
support-links = Support links
footer-about = About
footer-accessibility = Accessibility
footer-words = Corridor is run by { $department } for its own people. It is not open to the public.
nav-home = Home
nav-department = My department
nav-network = Network
nav-groups = Groups
nav-notifications = Notifications
nav-people = People
unread = { $n } new
language-label = Language of the pages
