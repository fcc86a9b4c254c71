/*!
DecAlign: Hierarchical Cross-Modal Alignment for Decoupled Multimodal Representation Learning.
*/

pub mod alignment;
pub mod core;
pub mod equations;
