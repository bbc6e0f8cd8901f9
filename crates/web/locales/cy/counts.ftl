# Numbers with their nouns: Cymraeg. The same keys in the same order are in the other language.

count-replies =
    { $n ->
        [zero] { $n } ateb
        [one] { $n } ateb
        [two] { $n } ateb
        [few] { $n } ateb
        [many] { $n } ateb
       *[other] { $n } ateb
    }
count-boosts =
    { $n ->
        [zero] { $n } hwb
        [one] { $n } hwb
        [two] { $n } hwb
        [few] { $n } hwb
        [many] { $n } hwb
       *[other] { $n } hwb
    }
count-favourites =
    { $n ->
        [zero] { $n } ffefryn
        [one] { $n } ffefryn
        [two] { $n } ffefryn
        [few] { $n } ffefryn
        [many] { $n } ffefryn
       *[other] { $n } ffefryn
    }
count-votes =
    { $n ->
        [zero] { $n } pleidlais
        [one] { $n } bleidlais
        [two] { $n } bleidlais
        [few] { $n } pleidlais
        [many] { $n } phleidlais
       *[other] { $n } pleidlais
    }
count-people =
    { $n ->
        [zero] { $n } person
        [one] { $n } person
        [two] { $n } berson
        [few] { $n } pherson
        [many] { $n } pherson
       *[other] { $n } person
    }
count-posts =
    { $n ->
        [zero] { $n } postiad
        [one] { $n } postiad
        [two] { $n } bostiad
        [few] { $n } phostiad
        [many] { $n } phostiad
       *[other] { $n } postiad
    }
count-followers =
    { $n ->
        [zero] { $n } dilynwr
        [one] { $n } dilynwr
        [two] { $n } ddilynwr
        [few] { $n } dilynwr
        [many] { $n } dilynwr
       *[other] { $n } dilynwr
    }
count-following =
    { $n ->
        [zero] Yn dilyn { $n } person
        [one] Yn dilyn { $n } person
        [two] Yn dilyn { $n } berson
        [few] Yn dilyn { $n } pherson
        [many] Yn dilyn { $n } pherson
       *[other] Yn dilyn { $n } person
    }
count-members =
    { $n ->
        [zero] { $n } aelod
        [one] { $n } aelod
        [two] { $n } aelod
        [few] { $n } aelod
        [many] { $n } aelod
       *[other] { $n } aelod
    }
count-members-here =
    { $n ->
        [zero] { $n } aelod yma
        [one] { $n } aelod yma
        [two] { $n } aelod yma
        [few] { $n } aelod yma
        [many] { $n } aelod yma
       *[other] { $n } aelod yma
    }
count-minutes =
    { $n ->
        [zero] { $n } munud
        [one] { $n } munud
        [two] { $n } funud
        [few] { $n } munud
        [many] { $n } munud
       *[other] { $n } munud
    }
count-bytes =
    { $n ->
        [zero] { $n } beit
        [one] { $n } beit
        [two] { $n } feit
        [few] { $n } beit
        [many] { $n } beit
       *[other] { $n } beit
    }
count-departments =
    { $n ->
        [zero] { $n } adran gysylltiedig
        [one] { $n } adran gysylltiedig
        [two] { $n } adran gysylltiedig
        [few] { $n } adran gysylltiedig
        [many] { $n } adran gysylltiedig
       *[other] { $n } adran gysylltiedig
    }
count-waiting =
    { $n ->
        [zero] { $n } gweithgaredd sy’n aros
        [one] { $n } gweithgaredd sy’n aros
        [two] { $n } weithgaredd sy’n aros
        [few] { $n } gweithgaredd sy’n aros
        [many] { $n } gweithgaredd sy’n aros
       *[other] { $n } gweithgaredd sy’n aros
    }
count-activities-wait =
    { $n ->
        [zero] Mae { $n } gweithgaredd yn aros
        [one] Mae { $n } gweithgaredd yn aros
        [two] Mae { $n } weithgaredd yn aros
        [few] Mae { $n } gweithgaredd yn aros
        [many] Mae { $n } gweithgaredd yn aros
       *[other] Mae { $n } gweithgaredd yn aros
    }
count-follows =
    { $n ->
        [zero] { $n } dilyniad
        [one] { $n } dilyniad
        [two] { $n } ddilyniad
        [few] { $n } dilyniad
        [many] { $n } dilyniad
       *[other] { $n } dilyniad
    }
count-connections =
    { $n ->
        [zero] { $n } cysylltiad
        [one] { $n } cysylltiad
        [two] { $n } gysylltiad
        [few] { $n } chysylltiad
        [many] { $n } chysylltiad
       *[other] { $n } cysylltiad
    }
count-memberships =
    { $n ->
        [zero] { $n } aelodaeth
        [one] { $n } aelodaeth
        [two] { $n } aelodaeth
        [few] { $n } aelodaeth
        [many] { $n } aelodaeth
       *[other] { $n } aelodaeth
    }
count-groups =
    { $n ->
        [zero] { $n } grŵp
        [one] { $n } grŵp
        [two] { $n } grŵp
        [few] { $n } grŵp
        [many] { $n } grŵp
       *[other] { $n } grŵp
    }
count-hours =
    { $n ->
        [zero] { $n } awr
        [one] { $n } awr
        [two] { $n } awr
        [few] { $n } awr
        [many] { $n } awr
       *[other] { $n } awr
    }
count-days =
    { $n ->
        [zero] { $n } diwrnod
        [one] { $n } diwrnod
        [two] { $n } ddiwrnod
        [few] { $n } diwrnod
        [many] { $n } diwrnod
       *[other] { $n } diwrnod
    }
poll-voters =
    { $n ->
        [zero] Mae { $n } person wedi pleidleisio
        [one] Mae { $n } person wedi pleidleisio
        [two] Mae { $n } berson wedi pleidleisio
        [few] Mae { $n } pherson wedi pleidleisio
        [many] Mae { $n } pherson wedi pleidleisio
       *[other] Mae { $n } person wedi pleidleisio
    }
