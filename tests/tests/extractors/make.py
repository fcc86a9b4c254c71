"""Writes the small TorchScript modules and the tokenizer of the tests, and what the Python package `tokenizers` makes of some words.

Made with Python 3.11, torch 2.11.0, tokenizers 0.22.2:

    python tests/tests/extractors/make.py

Weights are whole numbers over 8, so that sums are exact and a test can say by hand what comes out.
"""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).parent
# The decomposed accent, the emoji modifier, the ideographs and the control are for the normaliser.
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "face", "flag", "cat", "red", "heart", "hand", "##s", "##ing", "smil", "man", "woman", "a", "cafe", "-", "!", "中", "ß", "i", "##̇"]
WORDS = ["face", "flags", "smiling", "Café", "café", "man-woman", "HEART!!", "中face", "unheard", "red\u200bcat", "ß", "İ", "red cat", "[MASK]", "a" * 101, "«cat»", "smils ing", "½", "\u00a0hand"]


class Text(torch.nn.Module):
    """The mean of the tokens' rows of a table, `[B, 4]`: row i is (i, i², 1, −i) / 8."""

    def __init__(self) -> None:
        super().__init__()
        ids = torch.arange(len(PIECES), dtype=torch.float32)
        self.table = torch.nn.Parameter(torch.stack([ids, ids * ids, torch.ones_like(ids), -ids], 1) / 8)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        weights = mask.to(torch.float32).unsqueeze(-1)
        return (self.table[ids] * weights).sum(1) / weights.sum(1).clamp(min=1.0)


class Steps(Text):
    """The tokens' rows themselves, `[B, L, 4]`."""

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.table[ids] * mask.to(torch.float32).unsqueeze(-1)


class Picture(torch.nn.Module):
    """Per channel the mean of the pixels and of their squares, `[B, 2 c]`."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return torch.cat([pixels.mean([2, 3]), (pixels * pixels).mean([2, 3])], 1)


class Wrong(torch.nn.Module):
    """One number too few: no features of a batch."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels.mean([1, 2, 3])


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordPiece({piece: at for at, piece in enumerate(PIECES)}, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    made.add_special_tokens(PIECES[:5])
    made.enable_truncation(12)
    made.enable_padding(pad_id=0, pad_token="[PAD]")
    return made


def main() -> None:
    for name, module in [("text", Text()), ("steps", Steps()), ("picture", Picture()), ("wrong", Wrong())]:
        torch.jit.script(module.eval()).save(str(HERE / f"{name}.pt"))
    made = tokenizer()
    made.save(str(HERE / "tokenizer.json"))
    # A dataset's words are text: the name of a special token in them is not that token, so it is encoded without special tokens being known.
    plain = tokenizer()
    bare = json.loads(plain.to_str())
    bare["added_tokens"] = []
    bare["post_processor"] = None
    bare["padding"] = bare["truncation"] = None
    plain = Tokenizer.from_str(json.dumps(bare))
    words = {word: plain.encode(word).ids for word in WORDS}
    texts = [["face", "flags"], ["red", "heart", "smiling", "man-woman", "HEART!!", "cat", "cat", "cat"], []]
    batch = made.encode_batch([" ".join(words) for words in texts])
    batch = {"texts": texts, "ids": [one.ids for one in batch], "mask": [one.attention_mask for one in batch]}
    (HERE / "expected.json").write_text(json.dumps({"words": words, "batch": batch}, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
