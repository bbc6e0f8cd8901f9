//! The people, follows and posts that the demonstration starts with. All names are made up.

use corridor_domain::Role;

/// A department of the demonstration.
#[derive(Debug)]
pub struct Department {
    /// Short name, used for folders and in the printed table.
    pub key: &'static str,
    /// As people say it.
    pub name: &'static str,
    /// A sentence about the node.
    pub description: &'static str,
    /// Who works there; the first is the administrator.
    pub people: &'static [Person],
}

/// A person of the demonstration.
#[derive(Debug)]
pub struct Person {
    /// Sign-in name.
    pub username: &'static str,
    /// As people say it.
    pub name: &'static str,
    /// Job title.
    pub title: &'static str,
    /// What they may do on their node.
    pub role: Role,
}

const fn person(username: &'static str, name: &'static str, title: &'static str) -> Person {
    Person { username, name, title, role: Role::Member }
}

const fn admin(username: &'static str, name: &'static str, title: &'static str) -> Person {
    Person { username, name, title, role: Role::Administrator }
}

/// The three departments.
pub const DEPARTMENTS: [Department; 3] = [
    Department {
        key: "health",
        name: "Department of Health",
        description: "The node of the Department of Health, for its staff and their colleagues across government.",
        people: &[
            admin("amira", "Amira Hassan", "Head of digital services"),
            person("owen", "Owen Pritchard", "Senior data analyst"),
            person("beatrice", "Beatrice Lund", "Interaction designer"),
            person("tomasz", "Tomasz Zielinski", "Software engineer"),
            person("grace", "Grace Adeyemi", "Statistician"),
            person("callum", "Callum Fraser", "Policy adviser, primary care"),
            person("meera", "Meera Nair", "User researcher"),
            person("rhys", "Rhys Morgan", "Delivery manager"),
            person("fatima", "Fatima Begum", "Private secretary"),
            person("joan", "Joan Whitfield", "Records officer"),
            person("dmitri", "Dmitri Kostas", "Security architect"),
            person("eleri", "Eleri Hughes", "Welsh language lead"),
            person("samuel", "Samuel Boateng", "Content designer"),
            person("nadia", "Nadia Rahman", "Economist"),
        ],
    },
    Department {
        key: "transport",
        name: "Department for Transport",
        description: "The node of the Department for Transport, for its staff and their colleagues across government.",
        people: &[
            admin("priya", "Priya Raman", "Chief technology officer"),
            person("george", "George Ellery", "Rail policy lead"),
            person("hannah", "Hannah Sorensen", "Data scientist"),
            person("kwame", "Kwame Mensah", "Operational researcher"),
            person("lucy", "Lucy Tremaine", "Accessibility specialist"),
            person("ivan", "Ivan Petrov", "Infrastructure engineer"),
            person("sioned", "Sioned Price", "Communications manager"),
            person("arjun", "Arjun Mehta", "Product manager"),
            person("clara", "Clara Whitmore", "Lawyer"),
            person("ben", "Ben Okafor", "Service designer"),
            person("marta", "Marta Kowalska", "Project manager"),
            person("yusuf", "Yusuf Demir", "Analyst, road safety"),
            person("ailsa", "Ailsa MacLeod", "Ferries liaison officer"),
        ],
    },
    Department {
        key: "revenue",
        name: "Revenue Office",
        description: "The node of the Revenue Office, for its staff and their colleagues across government.",
        people: &[
            admin("edith", "Edith Marlowe", "Deputy director, technology"),
            person("rajan", "Rajan Patel", "Tax specialist"),
            person("niamh", "Niamh Gallagher", "Developer advocate"),
            person("oscar", "Oscar Lindqvist", "Performance analyst"),
            person("zainab", "Zainab Yusuf", "Fraud analyst"),
            person("peter", "Peter Harrow", "Compliance manager"),
            person("leila", "Leila Farouk", "Machine learning engineer"),
            person("huw", "Huw Bowen", "Customer service lead"),
            person("anita", "Anita Desmond", "Finance business partner"),
            person("joel", "Joel Kaplan", "Front-end developer"),
            person("sunita", "Sunita Verma", "Data protection officer"),
            person("magnus", "Magnus Reid", "Enterprise architect"),
            person("chloe", "Chloe Bennett", "Graduate trainee"),
        ],
    },
];

/// What a line of the script does. People are (department, person), by their place in the lists above.
#[derive(Debug)]
pub enum Line {
    /// A post of the network.
    Post(Who, &'static str),
    /// A post of the author's department only.
    DepartmentOnly(Who, &'static str),
    /// A post with a marking and how it is to be handled.
    Marked(Who, &'static str, &'static str, &'static str),
    /// An answer to an earlier line, counted from 0.
    Reply(Who, usize, &'static str),
    /// A boost of an earlier line.
    Boost(Who, usize),
    /// A favourite of an earlier line.
    Favourite(Who, usize),
}

/// A person by place: department, then person.
pub type Who = (usize, usize);

/// Follows across departments and inside them: who follows whom.
pub const FOLLOWS: &[(Who, Who)] = &[
    ((0, 0), (1, 0)),
    ((0, 0), (2, 0)),
    ((0, 0), (1, 4)),
    ((0, 1), (1, 2)),
    ((0, 1), (2, 3)),
    ((0, 1), (2, 6)),
    ((0, 2), (1, 4)),
    ((0, 2), (1, 9)),
    ((0, 3), (2, 2)),
    ((0, 3), (2, 9)),
    ((0, 3), (1, 5)),
    ((0, 4), (1, 2)),
    ((0, 4), (2, 3)),
    ((0, 6), (1, 4)),
    ((0, 7), (1, 10)),
    ((0, 9), (2, 10)),
    ((0, 11), (1, 6)),
    ((0, 11), (2, 7)),
    ((0, 13), (2, 1)),
    ((0, 0), (0, 1)),
    ((0, 0), (0, 2)),
    ((0, 1), (0, 4)),
    ((0, 3), (0, 10)),
    ((0, 5), (0, 0)),
    ((1, 0), (0, 0)),
    ((1, 0), (2, 0)),
    ((1, 0), (2, 11)),
    ((1, 2), (0, 1)),
    ((1, 2), (0, 4)),
    ((1, 2), (2, 6)),
    ((1, 3), (0, 1)),
    ((1, 4), (0, 2)),
    ((1, 4), (0, 12)),
    ((1, 5), (0, 3)),
    ((1, 5), (2, 11)),
    ((1, 6), (0, 11)),
    ((1, 7), (0, 7)),
    ((1, 9), (0, 2)),
    ((1, 9), (0, 6)),
    ((1, 10), (0, 7)),
    ((1, 0), (1, 2)),
    ((1, 1), (1, 0)),
    ((2, 0), (0, 0)),
    ((2, 0), (1, 0)),
    ((2, 2), (0, 3)),
    ((2, 2), (1, 5)),
    ((2, 3), (0, 1)),
    ((2, 3), (0, 4)),
    ((2, 3), (1, 2)),
    ((2, 6), (1, 2)),
    ((2, 6), (0, 1)),
    ((2, 7), (0, 11)),
    ((2, 9), (0, 12)),
    ((2, 9), (1, 4)),
    ((2, 10), (0, 9)),
    ((2, 11), (1, 5)),
    ((2, 12), (0, 0)),
    ((2, 12), (1, 0)),
    ((2, 0), (2, 2)),
    ((2, 12), (2, 2)),
];

/// What is said, in order.
pub const SCRIPT: &[Line] = &[
    Line::Post(
        (0, 0),
        "Good morning, everyone. Our node is open: find a colleague in another department, follow them, and say hello. #Welcome",
    ),
    Line::Reply((1, 0), 0, "Hello from Transport! It took us ten minutes to join. #Welcome"),
    Line::Reply((2, 0), 0, "And from the Revenue Office. No more directory in a spreadsheet. #Welcome"),
    Line::Post(
        (1, 2),
        "We have put our **journey-time model** on the shared drive of the network. Three things we learned:\n\n1. Ask for the raw counts, not the averages.\n2. Seasons matter more than weekdays.\n3. Publish the method with the figures.\n\n#DataScience",
    ),
    Line::Reply(
        (0, 1),
        3,
        "Number 3 is what our reviewers ask for every single time. Could we talk about seasons? Ours follow the school terms. #DataScience",
    ),
    Line::Reply((1, 2), 4, "Gladly. Thursday at 11? I will bring the charts."),
    Line::Boost((2, 6), 3),
    Line::Favourite((0, 4), 3),
    Line::Favourite((2, 3), 3),
    Line::Post(
        (1, 4),
        "A reminder before the weekend: if a button has no words, a screen reader has nothing to say. Our checklist fits on one page, and you may all have it. #Accessibility",
    ),
    Line::Reply((0, 2), 9, "Printed and pinned to the wall above the kettle. #Accessibility"),
    Line::Boost((0, 2), 9),
    Line::Boost((2, 9), 9),
    Line::Favourite((0, 6), 9),
    Line::Post(
        (2, 9),
        "Question for the front-end people: how do you test forms at 320 pixels? We found two error messages that nobody could reach. #Accessibility",
    ),
    Line::Reply(
        (1, 9),
        14,
        "A real phone, a long thumb, and patience. Then axe in the pipeline so that it stays mended. #Accessibility",
    ),
    Line::Post(
        (0, 3),
        "Moved the last of our batch jobs off the machine under the desk. It had been running since before I joined. #Engineering",
    ),
    Line::Reply((2, 2), 16, "Did you keep the sticker that said *do not turn off*? #Engineering"),
    Line::Reply((0, 3), 17, "Framed."),
    Line::Boost((1, 5), 16),
    Line::Post(
        (2, 2),
        "Lunchtime talk next Wednesday: reading logs without reading people. Open to every department. #Engineering",
    ),
    Line::Favourite((1, 5), 20),
    Line::Favourite((0, 3), 20),
    Line::Post(
        (2, 6),
        "Small model, honest error bars: our write-up on predicting call volumes. Comments welcome, kind ones too. #DataScience",
    ),
    Line::Reply((0, 4), 23, "The error bars alone deserve a prize. #DataScience"),
    Line::DepartmentOnly(
        (0, 7),
        "The lift in the east wing is out until Thursday. Meetings on the fourth floor move to the ground floor.",
    ),
    Line::DepartmentOnly((1, 10), "Budget returns are due on Friday at noon. Ask me, not the spreadsheet."),
    Line::Marked(
        (0, 10),
        "OFFICIAL-SENSITIVE",
        "Named network contacts only; do not forward",
        "Access review of the shared analysis platform: two accounts of leavers were still open. Both are closed; please check yours before Monday.",
    ),
    Line::Post(
        (1, 6),
        "Croeso! The Welsh-language style notes have a new page on plain words for transport. Diolch @eleri for the first draft.",
    ),
    Line::Post(
        (0, 11),
        "Bore da. Two hours a month of spoken practice for anyone who would like it, on every Tuesday. #Cymraeg",
    ),
    Line::Boost((1, 6), 29),
    Line::Boost((2, 7), 29),
    Line::Post(
        (2, 10),
        "Data protection clinic on the first Monday of the month. Bring the question that you were afraid to ask.",
    ),
    Line::Reply((0, 9), 32, "Retention schedules, please. All of them."),
    Line::Post(
        (1, 5),
        "Maintenance tonight from 22:00: the file gateway will be away for about ten minutes. #Engineering",
    ),
    Line::Post(
        (2, 12),
        "First week as a graduate trainee. Thank you to everyone who answered my questions; there will be more. #Welcome",
    ),
    Line::Reply((0, 0), 35, "Keep asking. That is what this place is for. #Welcome"),
    Line::Favourite((2, 0), 35),
    Line::Favourite((1, 0), 35),
    Line::Post(
        (1, 11),
        "Road safety figures for the quarter are out on Tuesday. If you want to know how a number was made, ask here. #DataScience",
    ),
    Line::Favourite((2, 3), 39),
    Line::Post(
        (0, 6),
        "We watched eight people use the new booking page. Seven looked for a telephone number first. #Accessibility #Research",
    ),
    Line::Boost((1, 9), 41),
    Line::Favourite((2, 9), 41),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn exists((department, person): Who) -> bool {
        DEPARTMENTS.get(department).is_some_and(|department| department.people.get(person).is_some())
    }

    #[test]
    fn the_script_names_only_people_and_lines_that_are_there() {
        assert!(FOLLOWS.iter().all(|(a, b)| exists(*a) && exists(*b) && a != b));
        for (number, line) in SCRIPT.iter().enumerate() {
            let (who, target) = match line {
                Line::Post(who, _) | Line::DepartmentOnly(who, _) | Line::Marked(who, ..) => (who, None),
                Line::Reply(who, to, _) | Line::Boost(who, to) | Line::Favourite(who, to) => (who, Some(*to)),
            };
            assert!(exists(*who), "line {number}");
            assert!(target.is_none_or(|to| to < number), "line {number} answers a later one");
        }
    }

    #[test]
    fn there_are_some_forty_people_and_no_name_twice_in_a_department() {
        assert_eq!(DEPARTMENTS.iter().map(|department| department.people.len()).sum::<usize>(), 40);
        for department in &DEPARTMENTS {
            let mut names: Vec<_> = department.people.iter().map(|person| person.username).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), department.people.len());
        }
    }
}
