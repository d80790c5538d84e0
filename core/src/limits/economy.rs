//! How much of a proof a prover holds at a time.

/// What is held as a whole, and what is made in pieces, and made again when it is needed again. It changes no bit of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Economy {
    /// Pieces have 2^this many entries. The leaves of the lookups' tree are made in pieces if they are more than four.
    pub log_piece: usize,
    /// From trees of 2^this many leaves on, the layer above the leaves is not kept either.
    pub parents_from: usize,
    /// A committed space of more than 2^this many entries is made in pieces until a challenge has halved it.
    pub whole_space: usize,
}

/// See [`Economy::log_space_piece`].
const MOST_SPACE_PIECE: usize = 16;

impl Economy {
    /// For a processor: a piece is one core's work and stays in its cache. Making the layer above the leaves again costs an
    /// eighth of the time, which 4 GiB are worth.
    pub const USUAL: Economy = Economy { log_piece: 11, parents_from: 27, whole_space: 19 };

    /// For a device with little memory: pieces that are worth their launches.
    pub const PIECES: Economy = Economy { log_piece: 16, ..Economy::USUAL };

    /// Everything at once: for a device with memory to spare, to which each piece is a copy and some launches.
    pub const WHOLE: Economy = Economy { log_piece: 40, parents_from: usize::MAX, whole_space: usize::MAX };

    /// As little at a time as there is a way to prove with.
    pub const LEAST: Economy = Economy { log_piece: 14, parents_from: 0, whole_space: 0 };

    /// Whether so many leaves are made in pieces.
    pub fn cuts_leaves(&self, leaves: u64) -> bool {
        leaves > super::proving::power(self.log_piece).saturating_mul(4)
    }

    /// How many layers of the lookups' tree of 2^`log_len` fractions, from its leaves up, are made in pieces.
    pub fn layers_in_pieces(&self, leaves: u64, log_len: usize) -> usize {
        if log_len < 4 || !self.cuts_leaves(leaves) {
            return 0;
        }
        // Most leaves have no partner to be added to: those above them are the same fractions.
        let mostly_unpaired = leaves < super::proving::power(log_len - 1) / 4 * 5;
        if log_len >= self.parents_from || mostly_unpaired { 2 } else { 1 }
    }

    /// Pieces of the committed space have 2^this many entries: tables of eq are as long, one for each point.
    pub fn log_space_piece(&self) -> usize {
        self.log_piece.min(MOST_SPACE_PIECE)
    }

    /// Whether a committed space of 2^`num_vars` entries is made in pieces; each half of it has one at least.
    pub fn cuts_space(&self, num_vars: usize) -> bool {
        num_vars > self.whole_space.max(self.log_space_piece())
    }
}

impl Default for Economy {
    fn default() -> Self {
        Economy::USUAL
    }
}
