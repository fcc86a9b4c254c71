/*!
CP+SL.
*/

pub mod equations;
pub mod losses;
pub mod modulation;
pub mod objective;
pub mod ranges;
