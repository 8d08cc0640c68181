//! Every order of events, exhaustively, for a small world: a customer's two tabs that lose their lines, Steward, a
//! person who takes over and gives back, and a server that dies at any moment.
//!
//! The store and the bus are drawn here as plain lists; who has the conversation
//! ([`Holding`]), what a socket is given ([`Cursor`]) and whose words ([`Fence`]) are the product's own code.

use std::collections::{BTreeMap, VecDeque};

use stateright::{Checker, Model, Property};
use steward::chat::cursor::{Cursor, Offer};
use steward::chat::fence::{Fence, Words};
use steward::store::takeover::{AfterChange, Change, ConversationState, Holding};

/// How much may happen.
struct World {
    tabs: usize,
    messages: u8,
    sends: u8,
    changes: u8,
    drops: u8,
    crashes: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    /// On disk. The place in the list is the number, from 1.
    stored: Vec<Entry>,
    holding: Holding,
    answered: usize,
    server: Server,
    clients: Vec<Client>,
    sends: u8,
    changes: u8,
    drops: u8,
    crashes: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    Customer(u8),
    Steward,
    Joined,
    Left,
}

/// What a crash forgets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Server {
    turn: Turn,
    /// A reply is open on the bus; with words so far, from this epoch.
    open: Option<Option<i64>>,
    /// Numbers that are committed and not yet told, by their tasks: messages, and at most one change.
    untold: Vec<usize>,
    changing: Option<usize>,
    sessions: Vec<Option<Session>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
enum Turn {
    #[default]
    Idle,
    Opened,
    Begun {
        epoch: i64,
        through: usize,
        spoke: bool,
    },
    Committed(usize),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Session {
    cursor: Cursor,
    fence: Fence,
    stage: Stage,
    notices: VecDeque<Notice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    /// The conversation's row was read.
    Greeted,
    /// It listens to the bus.
    Listening,
    /// It has been given what the store had.
    Live,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Notice {
    Stored(usize),
    Words(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Frame {
    Numbered(usize, Entry),
    Ack(u8, usize),
    Words,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Client {
    shown: Vec<usize>,
    acknowledged: BTreeMap<u8, usize>,
    person_has_it: bool,
    wrong: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Hello(usize),
    Listen(usize),
    CatchUp(usize),
    Send(u8),
    /// The line dies before the acknowledgement arrives.
    SendUnheard(u8),
    Tell(usize),
    TellChange,
    Give(usize),
    Cut(usize),
    Crash,
    Open,
    Begin,
    Speak,
    Commit,
    TellReply,
    TakeOver,
    GiveBack,
}

impl Client {
    fn after(&self) -> usize {
        self.shown.last().copied().unwrap_or(0)
    }

    fn receive(&mut self, frame: Frame) {
        match frame {
            Frame::Numbered(seq, entry) => {
                if seq <= self.after() {
                    self.wrong = Some("out of order or twice");
                }
                if entry == Entry::Steward && self.person_has_it {
                    self.wrong = Some("a reply of Steward after a person took over");
                }
                match entry {
                    Entry::Joined => self.person_has_it = true,
                    Entry::Left => self.person_has_it = false,
                    Entry::Customer(_) | Entry::Steward => {}
                }
                self.shown.push(seq);
            }
            Frame::Ack(id, seq) => {
                if self.acknowledged.insert(id, seq).is_some_and(|before| before != seq) {
                    self.wrong = Some("acknowledged under two numbers");
                }
            }
            Frame::Words if self.person_has_it => {
                self.wrong = Some("words of Steward after a person took over");
            }
            Frame::Words => {}
        }
    }

    /// Whether it has numbers 1 to `last`.
    fn has_all(&self, last: usize) -> bool {
        let has =
            |seq| self.shown.contains(&seq) || self.acknowledged.values().any(|own| *own == seq);
        (1..=last).all(has)
    }
}

impl Session {
    /// Everything in the store that the client does not have.
    fn catch_up(&mut self, stored: &[Entry], client: &mut Client) {
        for seq in self.cursor.delivered() as usize + 1..=stored.len() {
            if self.cursor.offer(seq as i64) == Offer::Deliver {
                self.give(seq, stored, client);
            }
        }
    }

    fn give(&mut self, seq: usize, stored: &[Entry], client: &mut Client) {
        let entry = stored[seq - 1];
        if matches!(entry, Entry::Joined | Entry::Left) {
            self.fence.changed(seq as i64);
        }
        client.receive(Frame::Numbered(seq, entry));
    }

    fn handle(&mut self, notice: Notice, stored: &[Entry], client: &mut Client) {
        match notice {
            Notice::Stored(seq) => match self.cursor.offer(seq as i64) {
                Offer::Deliver => self.give(seq, stored, client),
                Offer::Skip => {}
                Offer::Gap => self.catch_up(stored, client),
            },
            Notice::Words(epoch) => {
                if self.fence.check(epoch) == Words::AfterTheChange {
                    self.catch_up(stored, client);
                }
                if self.fence.check(epoch) == Words::Give {
                    client.receive(Frame::Words);
                }
            }
        }
    }
}

impl Server {
    fn new(tabs: usize) -> Self {
        Self { sessions: vec![None; tabs], ..Self::default() }
    }

    fn publish(&mut self, notice: Notice) {
        for session in self.sessions.iter_mut().flatten() {
            if session.stage != Stage::Greeted {
                session.notices.push_back(notice);
            }
        }
    }
}

impl State {
    fn waits(&self) -> Option<usize> {
        let last = self.stored.iter().rposition(|entry| matches!(entry, Entry::Customer(_)))? + 1;
        (last > self.answered && self.holding.state == ConversationState::Bot).then_some(last)
    }

    /// The first tab's message reaches the store; returns its number.
    fn send(&mut self, id: u8) -> Option<usize> {
        let session = self.server.sessions[0].as_mut()?;
        let done = self.clients[0].acknowledged.contains_key(&id);
        (session.stage == Stage::Live && self.sends > 0 && !done).then_some(())?;
        self.sends -= 1;
        let known = self.stored.iter().position(|entry| *entry == Entry::Customer(id));
        let seq = known.map_or_else(
            || {
                self.stored.push(Entry::Customer(id));
                self.server.untold.push(self.stored.len());
                self.stored.len()
            },
            |at| at + 1,
        );
        session.cursor.acknowledge(seq as i64);
        Some(seq)
    }

    fn change(&mut self, change: Change<'_>, entry: Entry) -> Option<()> {
        let AfterChange::Changed(next, _) = self.holding.after(change) else { return None };
        self.holding = next;
        self.stored.push(entry);
        self.server.changing = Some(self.stored.len());
        self.changes -= 1;
        Some(())
    }

    /// The state after `step`; `None` if it cannot be taken.
    fn take(&mut self, step: Step) -> Option<()> {
        match step {
            Step::Hello(tab) => {
                let after = self.clients[tab].after() as i64;
                let last = self.stored.len() as i64;
                let session = &mut self.server.sessions[tab];
                session.is_none().then_some(())?;
                *session = Some(Session {
                    cursor: Cursor::new(after),
                    fence: Fence::new(last, self.holding.epoch),
                    stage: Stage::Greeted,
                    notices: VecDeque::new(),
                });
            }
            Step::Listen(tab) => {
                let open = self.server.open;
                let session = self.server.sessions[tab].as_mut()?;
                (session.stage == Stage::Greeted).then_some(())?;
                session.stage = Stage::Listening;
                if let Some(Some(epoch)) = open {
                    session.notices.push_back(Notice::Words(epoch));
                }
            }
            Step::CatchUp(tab) => {
                let session = self.server.sessions[tab].as_mut()?;
                (session.stage == Stage::Listening).then_some(())?;
                session.stage = Stage::Live;
                session.catch_up(&self.stored, &mut self.clients[tab]);
            }
            Step::Send(id) => {
                let seq = self.send(id)?;
                self.clients[0].receive(Frame::Ack(id, seq));
            }
            Step::SendUnheard(id) => {
                (self.drops > 0).then_some(())?;
                self.drops -= 1;
                self.send(id)?;
                self.server.sessions[0] = None;
            }
            Step::Tell(at) => {
                (at < self.server.untold.len()).then_some(())?;
                let seq = self.server.untold.remove(at);
                self.server.publish(Notice::Stored(seq));
            }
            Step::TellChange => {
                let seq = self.server.changing.take()?;
                self.server.open = None;
                self.server.publish(Notice::Stored(seq));
            }
            Step::Give(tab) => {
                let session = self.server.sessions[tab].as_mut()?;
                (session.stage == Stage::Live).then_some(())?;
                let notice = session.notices.pop_front()?;
                session.handle(notice, &self.stored, &mut self.clients[tab]);
            }
            Step::Cut(tab) => {
                (self.drops > 0).then_some(())?;
                self.drops -= 1;
                self.server.sessions[tab].take()?;
            }
            Step::Crash => {
                (self.crashes > 0).then_some(())?;
                self.crashes -= 1;
                self.server = Server::new(self.clients.len());
            }
            Step::Open => {
                (self.server.turn == Turn::Idle).then_some(())?;
                self.waits()?;
                self.server.turn = Turn::Opened;
                self.server.open = Some(None);
            }
            Step::Begin => {
                (self.server.turn == Turn::Opened).then_some(())?;
                self.server.turn = match self.waits() {
                    Some(through) => {
                        Turn::Begun { epoch: self.holding.epoch, through, spoke: false }
                    }
                    None => {
                        self.server.open = None;
                        Turn::Idle
                    }
                };
            }
            Step::Speak => {
                let Turn::Begun { epoch, through, spoke: false } = self.server.turn else {
                    return None;
                };
                self.server.turn = Turn::Begun { epoch, through, spoke: true };
                if let Some(so_far) = &mut self.server.open {
                    *so_far = Some(epoch);
                    self.server.publish(Notice::Words(epoch));
                }
            }
            Step::Commit => {
                let Turn::Begun { epoch, through, .. } = self.server.turn else { return None };
                self.server.turn = Turn::Idle;
                if self.holding.epoch == epoch {
                    self.stored.push(Entry::Steward);
                    self.answered = through;
                    self.server.turn = Turn::Committed(self.stored.len());
                } else {
                    self.server.open = None;
                }
            }
            Step::TellReply => {
                let Turn::Committed(seq) = self.server.turn else { return None };
                self.server.turn = Turn::Idle;
                self.server.open = None;
                self.server.publish(Notice::Stored(seq));
            }
            Step::TakeOver => {
                (self.changes > 0 && self.server.changing.is_none()).then_some(())?;
                self.change(Change::TakeOver { agent: "ada", from_another: false }, Entry::Joined)?;
            }
            Step::GiveBack => {
                (self.changes > 0 && self.server.changing.is_none()).then_some(())?;
                self.change(Change::GiveBack { agent: "ada" }, Entry::Left)?;
            }
        }
        Some(())
    }
}

impl Model for World {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            stored: Vec::new(),
            holding: Holding { state: ConversationState::Bot, assignee: None, epoch: 0 },
            answered: 0,
            server: Server::new(self.tabs),
            clients: vec![Client::default(); self.tabs],
            sends: self.sends,
            changes: self.changes,
            drops: self.drops,
            crashes: self.crashes,
        }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        for tab in 0..self.tabs {
            let of_tab = [Step::Hello, Step::Listen, Step::CatchUp, Step::Give, Step::Cut];
            steps.extend(of_tab.map(|step| step(tab)));
        }
        steps.extend((0..self.messages).flat_map(|id| [Step::Send(id), Step::SendUnheard(id)]));
        steps.extend((0..state.server.untold.len()).map(Step::Tell));
        steps.extend([Step::TellChange, Step::Crash, Step::Open, Step::Begin, Step::Speak]);
        steps.extend([Step::Commit, Step::TellReply, Step::TakeOver, Step::GiveBack]);
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        let mut next = state.clone();
        next.take(step).map(|()| next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "each number once and in order, and Steward silent after a takeover",
                |_, state: &State| state.clients.iter().all(|client| client.wrong.is_none()),
            ),
            Property::always("what was acknowledged is on disk, once", |_, state: &State| {
                let acknowledged = state.clients.iter().flat_map(|client| &client.acknowledged);
                let is_there = |(id, seq): (&u8, &usize)| {
                    let of_id = |entry: &&Entry| **entry == Entry::Customer(*id);
                    state.stored[seq - 1] == Entry::Customer(*id)
                        && state.stored.iter().filter(of_id).count() == 1
                };
                acknowledged.into_iter().all(is_there)
            }),
            Property::always("who is connected misses nothing", |_, state: &State| {
                let server = &state.server;
                let told = server.untold.is_empty()
                    && server.changing.is_none()
                    && !matches!(server.turn, Turn::Committed(_));
                let at_rest =
                    |session: &Session| session.stage == Stage::Live && session.notices.is_empty();
                server.sessions.iter().zip(&state.clients).all(|(session, client)| {
                    let rests = told && session.as_ref().is_some_and(at_rest);
                    !rests || client.has_all(state.stored.len())
                })
            }),
            Property::sometimes(
                "a person answers a customer to whom Steward was speaking",
                |_, state: &State| {
                    let spoke = matches!(state.server.turn, Turn::Begun { spoke: true, .. });
                    spoke && state.clients.iter().any(|client| client.person_has_it)
                },
            ),
            Property::sometimes(
                "everything is said, after a crash too",
                |world: &World, state: &State| {
                    (world.crashes == 0 || state.crashes < world.crashes)
                        && state.answered > 0
                        && state.clients[0].has_all(2)
                },
            ),
        ]
    }
}

#[test]
fn no_order_of_events_loses_doubles_or_lets_steward_speak_over_a_person() {
    let worlds = [
        World { tabs: 1, messages: 1, sends: 2, changes: 2, drops: 1, crashes: 1 },
        World { tabs: 1, messages: 2, sends: 2, changes: 1, drops: 1, crashes: 0 },
        World { tabs: 2, messages: 1, sends: 1, changes: 2, drops: 0, crashes: 0 },
    ];
    for world in worlds {
        let checker = world.checker().threads(2).spawn_bfs().join();
        println!("{} states", checker.unique_state_count());
        checker.assert_properties();
    }
}
