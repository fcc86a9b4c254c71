//! Malformed conditions: a caret stands under the place.

use super::{nothing_lost, place::Place, run::Run, train, transcript::Transcript};

#[test]
fn a_malformed_condition_is_refused_with_a_caret_under_the_place() {
    let place = Place::new();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    let before = Run::at(place.path("out")).bytes();
    let mut seen = Transcript::of(&place);
    for condition in [
        "noise(image",
        "noise(imge,0.3)",
        "nois(image,0.3)",
        "noise(image,-1)",
        "noise(image,0.3)+",
        "noise(image,0.1)+noise(image,0.2)",
        "noise(text,0.1)",
        "mask(text,1.5)",
        "missing(image,text)",
        "fgsm(image,x)",
        "noise(image,1e400)",
        "noise(naïve,0.1)",
        "",
    ] {
        seen.run(&["eval", "out", "--condition", condition]);
    }
    seen.check("conditions");
    nothing_lost(&before, &Run::at(place.path("out")));
}
