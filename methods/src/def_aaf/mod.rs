pub mod autoencoder;
pub mod critic;
pub mod equations;
pub mod objective;
