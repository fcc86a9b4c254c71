/*!
TMC and ETMC (Han et al.): each modality gives evidence for the classes, Dempster and Shafer's rule combines it.

ETMC is TMC with one more view, evidence from all encodings together.
*/

pub mod equations;
pub mod etmc;
mod head;
pub mod tmc;
