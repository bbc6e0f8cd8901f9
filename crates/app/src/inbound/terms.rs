//! Under which terms a peer's post is taken in: its audience by how it is addressed, its marking by policy.

use corridor_domain::{Audience, Marking, MarkingScheme, Peer, Service, policy};

use super::types::IncomingPost;
use crate::{Error, Result};

/// The three ways to write the public collection.
const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

/// Whether a post or boost is addressed to everybody.
pub(super) fn is_public(addressed: &[String]) -> bool {
    addressed.iter().any(|uri| PUBLIC.contains(&uri.as_str()))
}

/// For whom a post of a peer is. What it states beside its addresses may only narrow them.
pub(super) fn audience(post: &IncomingPost, followers: Option<&str>) -> Result<Audience> {
    let by_address = if is_public(&post.addressed) {
        Audience::Network
    } else if followers.is_some_and(|followers| post.addressed.iter().any(|uri| uri == followers)) {
        Audience::Followers
    } else {
        Audience::Named
    };
    let stated = match post.audience.as_deref() {
        None => return Ok(by_address),
        Some(word) => word.parse(),
    };
    match stated {
        Ok(Audience::Department) => {
            Err(Error::forbidden("a post for another department's own people has no place here"))
        }
        Ok(stated) => Ok(narrower(by_address, stated)),
        // A ring that this version does not know: nobody but the people named is known to be in it.
        Err(_) => Ok(Audience::Named),
    }
}

fn narrower(a: Audience, b: Audience) -> Audience {
    let breadth = |audience| match audience {
        Audience::Network => 2,
        Audience::Followers => 1,
        // Groups of peers are not known here yet.
        Audience::Named | Audience::Group | Audience::Department => 0,
    };
    let narrow = if breadth(b) < breadth(a) { b } else { a };
    if narrow == Audience::Group { Audience::Named } else { narrow }
}

/// How a post of a peer is marked here: as it says, or as the peer's unmarked posts count.
pub(super) fn marking(scheme: &MarkingScheme, peer: &Peer, post: &IncomingPost, service: Service) -> Result<Marking> {
    policy::may_use(peer, service)?;
    let stated = match post.marking.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        None => None,
        // What this scheme does not know may be higher than anything that it does.
        Some(name) => {
            Some(scheme.parse(name).map_err(|error| Error::forbidden(format!("the marking is refused: {error}")))?)
        }
    };
    Ok(policy::accept_marking(peer, stated)?)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use proptest::prelude::*;

    use super::*;
    use crate::inbound::samples;

    const FOLLOWERS: &str = "https://there.example/actors/1/followers";

    fn audience_of(addressed: &[&str], stated: Option<&str>) -> Result<Audience> {
        let addressed = addressed.iter().map(|uri| (*uri).to_owned()).collect();
        let post = IncomingPost {
            addressed,
            audience: stated.map(str::to_owned),
            ..samples::post("1", "https://there.example/actors/1")
        };
        audience(&post, Some(FOLLOWERS))
    }

    #[test]
    fn addresses_name_the_audience() {
        for public in PUBLIC {
            assert_eq!(audience_of(&[FOLLOWERS, public], None).unwrap(), Audience::Network);
        }
        assert_eq!(audience_of(&[FOLLOWERS, "https://here.example/actors/2"], None).unwrap(), Audience::Followers);
        assert_eq!(audience_of(&["https://here.example/actors/2"], None).unwrap(), Audience::Named);
        assert_eq!(audience_of(&["https://there.example/actors/2/followers"], None).unwrap(), Audience::Named);
        assert_eq!(audience_of(&[], None).unwrap(), Audience::Named);
    }

    #[test]
    fn a_department_post_is_refused_however_it_is_addressed() {
        assert!(matches!(audience_of(&[PUBLIC[0]], Some("department")), Err(Error::Forbidden(_))));
        assert!(matches!(audience_of(&[], Some("department")), Err(Error::Forbidden(_))));
    }

    proptest! {
        #[test]
        fn what_is_stated_never_widens(by in 0_usize..3, stated in "network|followers|group|named|everyone") {
            let addressed: [&[&str]; 3] = [&["https://here.example/actors/2"], &[FOLLOWERS], &[PUBLIC[0]]];
            let order = [Audience::Named, Audience::Followers, Audience::Network];
            let plain = audience_of(addressed[by], None).unwrap();
            let narrowed = audience_of(addressed[by], Some(&stated)).unwrap();
            let place = |audience| order.iter().position(|other| *other == audience);
            prop_assert_eq!(plain, order[by]);
            prop_assert!(place(narrowed) <= place(plain), "{} became {:?}", stated, narrowed);
        }
    }
}
