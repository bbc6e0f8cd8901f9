//! Two and three nodes that federate.

mod conversation;
