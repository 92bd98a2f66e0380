use std::cell::RefCell;
use std::rc::Rc;

use super::clock::Clock;
use super::link::Link;
use super::state::State;

/// What the calls and the driver share.
pub(super) struct Core {
    pub(super) state: RefCell<State>,
    pub(super) clock: Clock,
    pub(super) link: Rc<Link>,
}

impl Drop for Core {
    /// The driver finds nobody and ends.
    fn drop(&mut self) {
        self.link.tell();
    }
}
