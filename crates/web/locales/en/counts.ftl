# Numbers with their nouns: English. The same keys in the same order are in the other language.

count-replies =
    { $n ->
        [one] { $n } reply
       *[other] { $n } replies
    }
count-boosts =
    { $n ->
        [one] { $n } boost
       *[other] { $n } boosts
    }
count-favourites =
    { $n ->
        [one] { $n } favourite
       *[other] { $n } favourites
    }
count-votes =
    { $n ->
        [one] { $n } vote
       *[other] { $n } votes
    }
count-people =
    { $n ->
        [one] { $n } person
       *[other] { $n } people
    }
count-posts =
    { $n ->
        [one] { $n } post
       *[other] { $n } posts
    }
count-followers =
    { $n ->
        [one] { $n } follower
       *[other] { $n } followers
    }
count-following =
    { $n ->
        [one] Follows { $n } person
       *[other] Follows { $n } people
    }
count-members =
    { $n ->
        [one] { $n } member
       *[other] { $n } members
    }
count-members-here =
    { $n ->
        [one] { $n } member here
       *[other] { $n } members here
    }
count-minutes =
    { $n ->
        [one] { $n } minute
       *[other] { $n } minutes
    }
count-bytes =
    { $n ->
        [one] { $n } byte
       *[other] { $n } bytes
    }
count-departments =
    { $n ->
        [one] { $n } connected department
       *[other] { $n } connected departments
    }
count-waiting =
    { $n ->
        [one] { $n } waiting activity
       *[other] { $n } waiting activities
    }
count-activities-wait =
    { $n ->
        [one] { $n } activity waits
       *[other] { $n } activities wait
    }
count-follows =
    { $n ->
        [one] { $n } follow
       *[other] { $n } follows
    }
count-connections =
    { $n ->
        [one] { $n } connection
       *[other] { $n } connections
    }
count-memberships =
    { $n ->
        [one] { $n } membership
       *[other] { $n } memberships
    }
count-groups =
    { $n ->
        [one] { $n } group
       *[other] { $n } groups
    }
count-hours =
    { $n ->
        [one] { $n } hour
       *[other] { $n } hours
    }
count-days =
    { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
poll-voters =
    { $n ->
        [one] { $n } person has voted
       *[other] { $n } people have voted
    }
