//! RFC 9421: reading `Signature-Input` and `Signature`, and writing them.

use sfv::{BareItem, Dictionary, InnerList, Item, ListEntry, Parameters, Parser, StringRef, key_ref};

use super::component::{name_of, serialise, signature_base, value_in};
use super::moment::checked_seconds;
use super::{Algorithm, Refusal, RequestView};

/// No real signature covers more parts.
const MOST_COMPONENTS: usize = 32;
/// The label of the signatures that we write.
const LABEL: &str = "sig1";

/// A parsed signature.
#[derive(Debug, Clone)]
pub(super) struct Rfc9421 {
    list: InnerList,
    pub(super) key_id: String,
    pub(super) algorithm: Option<Algorithm>,
    pub(super) created: Option<i64>,
    pub(super) expires: Option<i64>,
    pub(super) signature: Vec<u8>,
}

impl Rfc9421 {
    /// Reads both headers. There must be one signature: with several it would be unclear whose request it is.
    pub(super) fn parse(input: &str, signature: &str) -> Result<Self, Refusal> {
        let (list, signature) = only(input, signature)?;
        if list.items.len() > MOST_COMPONENTS {
            return Err(Refusal::Malformed("it covers too many parts"));
        }
        let text = |name: &str| match list.params.get(name) {
            None => Ok(None),
            Some(BareItem::String(text)) => Ok(Some(text.as_str().to_owned())),
            Some(_) => Err(Refusal::Malformed("keyid and alg must be strings")),
        };
        let seconds = |name: &'static str| match list.params.get(name) {
            None => Ok(None),
            Some(BareItem::Integer(seconds)) => checked_seconds(i64::from(*seconds), name).map(Some),
            Some(_) => Err(Refusal::BadTime(name)),
        };
        Ok(Self {
            key_id: text("keyid")?.ok_or(Refusal::Malformed("the parameter keyid is missing"))?,
            algorithm: text("alg")?.map(|name| algorithm(&name)).transpose()?,
            created: seconds("created")?,
            expires: seconds("expires")?,
            list,
            signature,
        })
    }

    /// Whether a part is covered as a whole, that is, without parameters.
    pub(super) fn covers(&self, name: &str) -> bool {
        self.list.items.iter().any(|item| item.params.is_empty() && name_of(item) == Ok(name))
    }

    /// The text that is signed.
    pub(super) fn base(&self, request: &RequestView<'_>) -> Result<Vec<u8>, Refusal> {
        signature_base(&self.list, &|item| value_in(request, item))
    }
}

/// What to sign, before there is a signature.
pub(super) struct Unsigned {
    list: InnerList,
}

impl Unsigned {
    /// Covers these components, which must be valid strings, as must the key's id.
    pub(super) fn new(
        components: &[&str],
        created: i64,
        expires: i64,
        key_id: &str,
        algorithm: Algorithm,
    ) -> Result<Self, Refusal> {
        let string = |text: &str| StringRef::from_str(text).map(BareItem::from).map_err(|_| Refusal::BadKeyId);
        let number = |s: i64| BareItem::try_from(s).map_err(|_| Refusal::BadTime("created"));
        let items = components.iter().map(|name| string(name).map(Item::new)).collect::<Result<_, _>>()?;
        let mut params = Parameters::new();
        params.insert(key_ref("created").to_owned(), number(created)?);
        params.insert(key_ref("expires").to_owned(), number(expires)?);
        params.insert(key_ref("keyid").to_owned(), string(key_id)?);
        params.insert(key_ref("alg").to_owned(), string(algorithm.name())?);
        Ok(Self { list: InnerList::with_params(items, params) })
    }

    /// The text to sign.
    pub(super) fn base(&self, request: &RequestView<'_>) -> Result<Vec<u8>, Refusal> {
        signature_base(&self.list, &|item| value_in(request, item))
    }

    /// The `Signature-Input` header.
    pub(super) fn input(&self) -> String {
        format!("{LABEL}={}", serialise(&self.list))
    }
}

/// The `Signature` header for a signature in Base64.
pub(super) fn signature_header(encoded: &str) -> String {
    format!("{LABEL}=:{encoded}:")
}

/// The only entry of `Signature-Input`, and its counterpart in `Signature`.
pub(super) fn only(input: &str, signature: &str) -> Result<(InnerList, Vec<u8>), Refusal> {
    let dictionary = |text: &str, error| Parser::new(text).parse::<Dictionary>().map_err(|_| Refusal::Malformed(error));
    let mut inputs = dictionary(input, "Signature-Input is no dictionary")?.into_iter();
    let mut signatures = dictionary(signature, "Signature is no dictionary")?.into_iter();
    let (label, list) = inputs.next().ok_or(Refusal::Malformed("Signature-Input is empty"))?;
    let (other, bytes) = signatures.next().ok_or(Refusal::Malformed("Signature is empty"))?;
    if inputs.next().is_some() || signatures.next().is_some() {
        return Err(Refusal::Several);
    }
    match (list, bytes) {
        (ListEntry::InnerList(list), ListEntry::Item(Item { bare_item: BareItem::ByteSequence(bytes), .. }))
            if label == other =>
        {
            Ok((list, bytes))
        }
        _ => Err(Refusal::Malformed("Signature-Input and Signature don't belong together")),
    }
}

fn algorithm(name: &str) -> Result<Algorithm, Refusal> {
    [Algorithm::RsaV15Sha256, Algorithm::Ed25519]
        .into_iter()
        .find(|algorithm| algorithm.name() == name)
        .ok_or_else(|| Refusal::UnknownAlgorithm(name.chars().take(40).collect()))
}
