//! What is written for peers, and how what they write is read.
