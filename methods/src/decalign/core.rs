/*!
The network of sections 3.1 and 3.4: projections, unique and common encoders, cross-modal transformers, head.

Frames are `[B, T, d]` (the paper's `[N, d, T]` transposed). A mask (`[B, T]`, 1 or 0) marks frames that are there; availability is `[M, B]`, 1 or 0.
`None` means everything.
*/

use tch::{Kind, Tensor};

use crate::nn::{Context, Hidden, StackedLinear, Transformers, mean_over_steps};

/// The network's parameters and the switches that change its forward pass.
#[derive(Debug)]
pub struct Core {
    /// Temporal convolution of each modality without bias and padding, `[d, D_m, k_m]`.
    pub projections: Vec<Tensor>,
    /// Unique encoders, 1×1 convolutions without bias, `[M, d, d]`, and the common one, `[d, d]`; `None` without decoupling (Table 3).
    pub decouplers: Option<(Tensor, Tensor)>,
    /// One transformer a modality.
    pub transformers: Transformers,
    /// Perceptrons in front of Eqs. 10 to 12, one a modality: d → d → p.
    pub latent: (StackedLinear, StackedLinear),
    /// Weight `[C, 2 M d]` and bias of the head.
    pub head: (Tensor, Tensor),
    /// Whether the transformers read the other modalities, or only their own.
    pub cross_modal: bool,
    /// Whether masked frames are keys of zeros (released code) instead of being left out.
    pub zero_keys: bool,
    /// What becomes of a sample's branch that has nothing to read.
    pub alone: Alone,
    /// Share dropped in training inside the latent perceptrons and in front of the head.
    pub dropout: f64,
}

/// A unique branch whose sample has none of the other modalities; nothing is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alone {
    /// Its attention adds nothing, and its transformer goes on from its own frames.
    OwnFrames,
    /// It is zero.
    Zero,
}

/// One modality after section 3.1.
#[derive(Debug)]
pub struct Decoupled {
    /// `F_uni`, `[B, T', d]`.
    pub unique: Tensor,
    /// `F_com`, `[B, T', d]`.
    pub common: Tensor,
    /// Which frames are there, `[B, T']`.
    pub mask: Option<Tensor>,
}

impl Decoupled {
    /// Mean of the unique features over the frames that are there, `[B, d]`.
    pub fn pooled_unique(&self) -> Tensor {
        mean_over_steps(&self.unique, self.mask.as_ref())
    }

    /// Mean of the common features over the frames that are there, `[B, d]`.
    pub fn pooled_common(&self) -> Tensor {
        mean_over_steps(&self.common, self.mask.as_ref())
    }

    /// Unique features, exactly zero in frames that are not there.
    pub fn silenced_unique(&self) -> Tensor {
        self.mask.as_ref().map_or_else(|| self.unique.shallow_clone(), |mask| &self.unique * mask.unsqueeze(-1))
    }
}

/// What the fusion reads of one modality.
#[derive(Debug)]
pub struct Heard {
    /// Unique features, zero where not there, `[B, T, d]`.
    pub unique: Tensor,
    /// Which frames are there, `[B, T]`.
    pub mask: Option<Tensor>,
    /// Pooled common features, `[B, d]`.
    pub common: Tensor,
}

impl Heard {
    /// Of modality number `at` with its pooled common features; what is not available (`[M, B]`) becomes zero.
    pub fn new(decoupled: &Decoupled, common: Tensor, at: usize, available: Option<&Tensor>) -> Self {
        let unique = decoupled.silenced_unique();
        let unique = available.map_or(unique.shallow_clone(), |available| unique * available.get(at as i64).view([-1, 1, 1]));
        Self { unique, mask: decoupled.mask.as_ref().map(Tensor::shallow_clone), common }
    }
}

impl Core {
    /// Section 3.1: frames `[B, T, D_m]` of one modality to unique and common features. With a kernel of k the T' = T − k + 1 windows take the mask of the
    /// frames at `⌊t T / T'⌋` (nearest).
    pub fn decouple(&self, modality: usize, frames: &Tensor, mask: Option<&Tensor>) -> Decoupled {
        let weight = &self.projections[modality];
        let projected = match weight.size()[2] {
            1 => frames.matmul(&weight.squeeze_dim(2).transpose(0, 1)),
            _ => frames.transpose(1, 2).conv1d(weight, None::<&Tensor>, 1, 0, 1, 1).transpose(1, 2),
        };
        let mask = mask.map(|mask| resampled(mask, projected.size()[1]));
        let Some((unique, common)) = &self.decouplers else {
            return Decoupled { unique: projected.shallow_clone(), common: projected, mask };
        };
        let width = common.size()[0];
        let both = projected.matmul(&Tensor::cat(&[&unique.get(modality as i64), common], 0).transpose(0, 1));
        Decoupled { unique: both.narrow(-1, 0, width), common: both.narrow(-1, width, width), mask }
    }

    /// The latent features that Eqs. 10 to 12 compare: pooled common features `[M, B, d]` → `[M, B, p]`.
    pub fn latent(&self, common: &Tensor, train: bool) -> Tensor {
        self.latent.1.forward(&self.drop(self.latent.0.forward_relu(common), train))
    }

    /// Section 3.4 up to the head: `[h_1 … h_M, c_1 … c_M]`, `[B, 2 M d]`. What is not available must be zero in `heard` and adds zeros.
    pub fn fuse(&self, heard: &[Heard], available: Option<&Tensor>, train: bool) -> Tensor {
        let mut parts: Vec<Tensor> = heard.iter().map(|_| Tensor::new()).collect();
        for members in groups(heard) {
            let pooled = self.attended(heard, &members, available, train);
            members.iter().enumerate().for_each(|(at, member)| parts[*member] = pooled.get(at as i64));
        }
        parts.extend(heard.iter().map(|heard| heard.common.shallow_clone()));
        Tensor::cat(&parts, -1)
    }

    /// The head on `[B, 2 M d]`: `[B, C]`.
    pub fn answer(&self, fused: &Tensor, train: bool) -> Tensor {
        bench_native::linear(&self.drop(fused.shallow_clone(), train), &self.head.0, &self.head.1, false)
    }

    fn drop(&self, tensor: Tensor, train: bool) -> Tensor {
        if train && self.dropout > 0.0 { tensor.dropout(self.dropout, true) } else { tensor }
    }

    /// `h` of modalities with equally many frames, `[G, B, d]`; zero for a sample that lacks the modality.
    fn attended(&self, heard: &[Heard], members: &[usize], available: Option<&Tensor>, train: bool) -> Tensor {
        let queries = Tensor::stack(&members.iter().map(|member| &heard[*member].unique).collect::<Vec<_>>(), 0);
        let device = queries.device();
        let chosen = Tensor::from_slice(&members.iter().map(|member| *member as i64).collect::<Vec<_>>()).to_device(device);
        let part = (members.len() < heard.len()).then(|| self.transformers.select(&chosen));
        let transformers = part.as_ref().unwrap_or(&self.transformers);
        let there = self.there(heard, available);
        let (states, silent) = if self.cross_modal {
            // A modality alone reads the others; several share one context, in which each is blind to itself.
            let read: Vec<usize> = (0..heard.len()).filter(|other| members != [*other]).collect();
            let frames = Tensor::cat(&read.iter().map(|other| &heard[*other].unique).collect::<Vec<_>>(), 1);
            let own = (members.len() > 1).then(|| own_frames(heard, members).to_device(device));
            let gone = there.as_ref().map(|there| Tensor::cat(&read.iter().map(|other| &there[*other]).collect::<Vec<_>>(), 1).logical_not());
            let blocked = Blocked::new(own, gone);
            let nothing = blocked.nothing.as_ref().filter(|_| self.alone == Alone::OwnFrames).map(|nothing| nothing.unsqueeze(-1).unsqueeze(-1));
            let hidden = Hidden { keys: blocked.keys.as_ref(), nothing: nothing.as_ref() };
            (transformers.forward(&queries, Context::Frames(&frames), hidden, train), blocked.nothing.filter(|_| self.alone == Alone::Zero))
        } else {
            let gone = there.map(|there| Tensor::stack(&members.iter().map(|member| &there[*member]).collect::<Vec<_>>(), 0).logical_not());
            // The first frame stays readable, so that no query is left with nothing; frames behind the end are not pooled.
            let gone = gone.map(|gone| Tensor::cat(&[gone.narrow(-1, 0, 1).zeros_like(), gone.narrow(-1, 1, gone.size()[2] - 1)], -1).unsqueeze(2));
            (transformers.forward(&queries, Context::Own, Hidden { keys: gone.as_ref(), nothing: None }, train), None)
        };
        let masks: Vec<Option<&Tensor>> = members.iter().map(|member| heard[*member].mask.as_ref()).collect();
        let pooled = pooled(&states, &masks);
        let pooled = available.map_or(pooled.shallow_clone(), |available| pooled * available.index_select(0, &chosen).unsqueeze(-1));
        silent.map_or(pooled.shallow_clone(), |silent| pooled.masked_fill(&silent, 0.0))
    }

    /// Which frames may be keys, a `[B, T]` bool tensor a modality; `None` if all.
    fn there(&self, heard: &[Heard], available: Option<&Tensor>) -> Option<Vec<Tensor>> {
        let masked = !self.zero_keys && heard.iter().any(|heard| heard.mask.is_some());
        if !masked && available.is_none() {
            return None;
        }
        let of = |(at, heard): (usize, &Heard)| {
            let size = heard.unique.size();
            let all = || Tensor::ones([size[0], size[1]], (heard.unique.kind(), heard.unique.device()));
            let mask = heard.mask.as_ref().filter(|_| !self.zero_keys).map_or_else(all, Tensor::shallow_clone);
            available.map_or(mask.shallow_clone(), |available| mask * available.get(at as i64).unsqueeze(-1)).gt(0.5)
        };
        Some(heard.iter().enumerate().map(of).collect())
    }
}

/// Keys that may not be seen, and who is left with any.
struct Blocked {
    /// `[G or 1, B or 1, 1, S]`; a query that could see nothing may see all.
    keys: Option<Tensor>,
    /// `[G or 1, B, 1]`, true where nothing may be seen; `None` if all see something.
    nothing: Option<Tensor>,
}

impl Blocked {
    /// Of each network's own frames (`[G, 1, 1, S]`) and the frames that are not there (`[B, S]`).
    fn new(own: Option<Tensor>, gone: Option<Tensor>) -> Self {
        let Some(gone) = gone else { return Self { keys: own, nothing: None } };
        let gone = gone.unsqueeze(1).unsqueeze(0);
        let keys = own.map_or_else(|| gone.shallow_clone(), |own| own.logical_or(&gone));
        let nothing = keys.all_dim(-1, true);
        Self { keys: Some(keys.logical_and(&nothing.logical_not())), nothing: Some(nothing.squeeze_dim(-1)) }
    }
}

/// Modalities by the number of their frames, in the order of first appearance.
fn groups(heard: &[Heard]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(i64, Vec<usize>)> = Vec::new();
    for (at, steps) in heard.iter().map(|heard| heard.unique.size()[1]).enumerate() {
        match groups.iter_mut().find(|(own, _)| *own == steps) {
            Some((_, members)) => members.push(at),
            None => groups.push((steps, vec![at])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

/// True for a network's own frames among all modalities' frames, `[G, 1, 1, S]`.
fn own_frames(heard: &[Heard], members: &[usize]) -> Tensor {
    let steps: Vec<i64> = heard.iter().map(|heard| heard.unique.size()[1]).collect();
    let row = |member: usize| steps.iter().enumerate().flat_map(move |(other, &steps)| (0..steps).map(move |_| other == member));
    let flat: Vec<bool> = members.iter().flat_map(|&member| row(member)).collect();
    Tensor::from_slice(&flat).view([members.len() as i64, 1, 1, steps.iter().sum()])
}

/// Means over the frames that are there: `[G, B, T, d]`, masks `[B, T]` → `[G, B, d]`.
fn pooled(states: &Tensor, masks: &[Option<&Tensor>]) -> Tensor {
    if masks.iter().all(Option::is_none) {
        return if states.size()[2] == 1 { states.squeeze_dim(2) } else { mean_over_steps(states, None) };
    }
    let size = states.size();
    let all = || Tensor::ones([size[1], size[2]], (states.kind(), states.device()));
    mean_over_steps(states, Some(&Tensor::stack(&masks.iter().map(|mask| mask.map_or_else(all, Tensor::shallow_clone)).collect::<Vec<_>>(), 0)))
}

/// A mask for `steps` windows: the frame at `⌊t T / steps⌋` decides.
fn resampled(mask: &Tensor, steps: i64) -> Tensor {
    let frames = mask.size()[1];
    if frames == steps {
        return mask.shallow_clone();
    }
    let places: Vec<i64> = (0..steps).map(|step| step * frames / steps).collect();
    mask.index_select(1, &Tensor::from_slice(&places).to_device(mask.device()))
}

/// Cosines between all samples' unique and common features (Eq. 1), `[M, B]`.
pub fn cosines(decoupled: &[Decoupled]) -> Tensor {
    let flat = |tensor: &Tensor| tensor.flatten(1, 2);
    let equal = decoupled.windows(2).all(|pair| pair[0].unique.size() == pair[1].unique.size());
    if equal {
        let stack = |of: fn(&Decoupled) -> &Tensor| Tensor::stack(&decoupled.iter().map(|own| flat(of(own))).collect::<Vec<_>>(), 0);
        return super::equations::cosines(&stack(|own| &own.unique), &stack(|own| &own.common));
    }
    let each: Vec<Tensor> = decoupled.iter().map(|own| super::equations::cosines(&flat(&own.unique), &flat(&own.common))).collect();
    Tensor::stack(&each, 0)
}

/// `counted` as numbers, `[M, B]`, of δ `[B, M]`; `None` if nothing is missing.
pub fn availability(delta: &Tensor, kind: Kind) -> Option<Tensor> {
    let complete = bool::try_from(delta.all()).unwrap_or(false);
    (!complete).then(|| delta.transpose(0, 1).to_kind(kind).contiguous())
}
