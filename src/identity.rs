//! Who is speaking, once it has been verified.
//!
//! Owns [`VerifiedCustomer`], the proof that account search asks for. It can be made in two ways
//! only: from a token whose signature was checked (`http::identity`), or by the operator at the
//! terminal, who can read every file anyway. An [`Owner`] is written into the store with each
//! conversation, so that a reply begun after a restart still knows for whom it is.
//! Knows nothing of the index.

/// A customer whose identity has been proved. There is no way to make one from an unchecked id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifiedCustomer {
    id: String,
}

impl VerifiedCustomer {
    /// The customer named in a token whose signature, audience and expiry have been checked.
    pub(crate) fn from_checked_token(id: String) -> Self {
        Self { id }
    }

    /// The operator acting as a customer: for the terminal, evaluation and imports. Never called
    /// with anything that came over a socket.
    pub fn chosen_by_operator(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }

    /// The customer's id in the company's own records.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Whose a conversation is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// Somebody who has not signed in, known by a random id that a token of ours carries.
    Visitor(String),
    /// Somebody whose identity was verified.
    Customer(VerifiedCustomer),
}

impl Owner {
    /// The owner as it is stored with a conversation: `visitor:<uuid>` or `customer:<id>`.
    pub fn key(&self) -> String {
        match self {
            Self::Visitor(id) => format!("visitor:{id}"),
            Self::Customer(customer) => format!("customer:{}", customer.id()),
        }
    }

    /// The owner that was stored with a conversation. Only what [`Owner::key`] wrote is read here:
    /// the identity was verified before the conversation was created.
    pub(crate) fn from_stored_key(key: &str) -> Option<Self> {
        let (kind, id) = key.split_once(':')?;
        match kind {
            "visitor" => Some(Self::Visitor(id.to_string())),
            "customer" => {
                Some(Self::Customer(VerifiedCustomer::from_checked_token(id.to_string())))
            }
            _ => None,
        }
    }

    /// The verified customer, if it is one.
    pub fn customer(&self) -> Option<&VerifiedCustomer> {
        match self {
            Self::Visitor(_) => None,
            Self::Customer(customer) => Some(customer),
        }
    }
}

/// A person of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// As the site's token names them, or as they sign in; `key:` and a name for a program.
    pub name: String,
    /// May also give out and erase what is known of customers.
    pub is_admin: bool,
}

/// Whom a token proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Somebody who has conversations.
    Owner(Owner),
    /// A person of the company, who may see every conversation and how it is judged.
    Agent(Person),
}

impl Holder {
    /// True if the holder may see a conversation of the owner with this key.
    pub fn may_see(&self, owner_key: &str) -> bool {
        match self {
            Self::Owner(owner) => owner.key() == owner_key,
            Self::Agent(_) => true,
        }
    }
}

/// What can be taken back from a person of the company while they use it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Grant {
    /// A sign-in, by the session's id.
    Session(String),
    /// A program's key, by its id.
    Key(String),
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// Who it is.
    pub holder: Holder,
    /// How long the token stays good.
    pub expires_in: std::time::Duration,
    /// What the token rests on; `None` if it is good until it expires.
    pub grant: Option<Grant>,
}

/// Why a token is of no use. The holder is told no more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// Forged, changed, for somebody else, or no token at all.
    Refused,
    /// It was good once.
    Expired,
}

/// Reads tokens; made by `http::credential`, which knows the secrets.
#[derive(Clone)]
pub struct TokenReader {
    read: std::sync::Arc<ReadToken>,
    holder_of: std::sync::Arc<HolderOf>,
}

type ReadToken = dyn Fn(&str) -> Result<Authenticated, TokenFault> + Send + Sync;
type HolderOf = dyn Fn(&Grant, bool) -> Option<Person> + Send + Sync;

impl TokenReader {
    /// A reader that checks tokens with `read`, and asks `holder_of` who holds a grant now (and whether that is a use of it).
    pub(crate) fn new(
        read: impl Fn(&str) -> Result<Authenticated, TokenFault> + Send + Sync + 'static,
        holder_of: impl Fn(&Grant, bool) -> Option<Person> + Send + Sync + 'static,
    ) -> Self {
        Self { read: std::sync::Arc::new(read), holder_of: std::sync::Arc::new(holder_of) }
    }

    /// Whom `token` proves.
    ///
    /// # Errors
    /// Why it proves nobody.
    pub fn read(&self, token: &str) -> Result<Authenticated, TokenFault> {
        (self.read)(token)
    }

    /// Whether `who` is still who they were when their token was read. `is_used` if they are doing something.
    pub fn still_holds(&self, who: &Authenticated, is_used: bool) -> bool {
        let Some(grant) = &who.grant else { return true };
        let person = (self.holder_of)(grant, is_used);
        person.is_some_and(|person| who.holder == Holder::Agent(person))
    }
}
