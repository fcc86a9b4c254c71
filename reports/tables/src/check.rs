//! Whether a committed table says what the results say.
