//! What use cases refuse, in the language of the page as far as its kind is known.

use corridor_app::Error;
use corridor_domain::policy::Refusal;
use corridor_domain::poll::{MAX_OPTIONS, MIN_OPTIONS, OPTION_CHARS, Refused};
use corridor_domain::{Service, Services};

use crate::error::sentence;
use crate::views::Message;
use crate::words::{Key, Language, Said, key};

/// What a use case said, where that helps whoever reads it. What has no kind of its own is said in English.
pub(crate) fn said(error: &Error, language: Language) -> Option<Message> {
    match error {
        Error::Forbidden(reason) | Error::Invalid(reason) | Error::Conflict(reason) | Error::Peer(reason) => {
            Some(Message::english(sentence(reason)))
        }
        Error::Poll(refused) => Some(sentence(&poll(*refused, language).to_string()).into()),
        Error::Refused(refusal) => Some(sentence(&refusal_of(refusal, language).to_string()).into()),
        _ => None,
    }
}

fn refusal_of(refusal: &Refusal, language: Language) -> Said {
    let (key, host) = match refusal {
        Refusal::Ourselves(host) => (key("refusal-ourselves"), host),
        Refusal::NotListed(host) => (key("refusal-not-listed"), host),
        Refusal::Suspended(host) => (key("refusal-suspended"), host),
        Refusal::Removed(host) => (key("refusal-removed"), host),
        Refusal::OutOfTerm(host) => (key("refusal-out-of-term"), host),
        Refusal::NotServed(host, service) => {
            let service = language.say_key(service_key(*service));
            return language.say("refusal-not-served").with("host", host).with("service", service);
        }
        Refusal::AboveCeiling(host) => (key("refusal-above-ceiling"), host),
    };
    language.say_key(key).with("host", host)
}

fn poll(refused: Refused, language: Language) -> Said {
    let key = match refused {
        Refused::TooFewOptions => return language.say("poll-too-few").with("n", MIN_OPTIONS),
        Refused::TooManyOptions => return language.say("poll-too-many").with("n", MAX_OPTIONS),
        Refused::LongOption => return language.say("poll-long-option").with("n", OPTION_CHARS),
        Refused::SameOptions => key("poll-same-options"),
        Refused::TooShort => key("poll-too-short"),
        Refused::TooLong => key("poll-too-long"),
        Refused::NoChoice => key("poll-no-choice"),
        Refused::UnknownChoice => key("poll-unknown-choice"),
        Refused::OneChoice => key("poll-one-choice"),
        Refused::AlreadyVoted => key("poll-already-voted"),
        Refused::OwnPoll => key("poll-own"),
        Refused::Ended => key("poll-over"),
    };
    language.say_key(key)
}

const fn service_key(service: Service) -> Key {
    match service {
        Service::Posts => key("service-posts"),
        Service::Directory => key("service-directory"),
        Service::Groups => key("service-groups"),
        Service::Moves => key("service-moves"),
    }
}

/// What a peer is used for: `posts, groups`.
pub(crate) fn services(services: Services, language: Language) -> String {
    let words: Vec<String> = services.list().map(|one| language.say_key(service_key(one)).to_string()).collect();
    if words.is_empty() { language.say("service-none").into() } else { words.join(", ") }
}
