"""BERT's tokenizer (Devlin et al. 2019), as the product's own: `Sources/Models/Encoding/WordPieceTokenizer.swift`."""

import json
import unicodedata
from pathlib import Path

# Tokens of a text that the product reads, the two that frame it included.
MOST_TOKENS = 256
LONGEST_WORD = 100
CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


class WordPieceTokenizer:
    """Texts to tokens. Reads `vocab.txt` of the folder, and whether letters are lowered from `tokenizer_config.json`."""

    def __init__(self, folder: Path) -> None:
        words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        self.pieces = {word: number for number, word in enumerate(words)}
        try:
            self.unknown, self.start, self.end = (self.pieces[name] for name in ("[UNK]", "[CLS]", "[SEP]"))
        except KeyError as error:
            raise SystemExit(f"{folder}/vocab.txt: there is no {error}; is this the folder of a BERT encoder?") from error
        settings = folder / "tokenizer_config.json"
        self.lowers = json.loads(settings.read_text(encoding="utf-8")).get("do_lower_case", True) if settings.exists() else True

    def __call__(self, text: str) -> list[int]:
        """The tokens of a text between the two that frame it, at most MOST_TOKENS."""
        tokens = [piece for word in self.words(text) for piece in self.split(word)]
        return [self.start, *tokens[: MOST_TOKENS - 2], self.end]

    def words(self, text: str) -> list[str]:
        cleaned = "".join(letter for letter in text if not is_cleaned_away(letter))
        if self.lowers:
            apart = unicodedata.normalize("NFD", cleaned)
            # Letter by letter: a final sigma is an ordinary one.
            cleaned = "".join(letter.lower() for letter in apart if unicodedata.category(letter) != "Mn")
        return "".join(f" {letter} " if stands_alone(letter) else letter for letter in cleaned).split()

    def split(self, word: str) -> list[int]:
        if len(word) > LONGEST_WORD:
            return [self.unknown]
        pieces, place = [], 0
        while place < len(word):
            before = "##" if place else ""
            ends = range(len(word), place, -1)
            end = next((end for end in ends if before + word[place:end] in self.pieces), None)
            if end is None:
                return [self.unknown]
            pieces.append(self.pieces[before + word[place:end]])
            place = end
        return pieces


def is_cleaned_away(letter: str) -> bool:
    if letter in "\t\n\r":
        return False
    return letter == "\ufffd" or unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Cn")


def stands_alone(letter: str) -> bool:
    """Whether the character is a word by itself: punctuation, ASCII's symbols, Chinese characters."""
    number = ord(letter)
    if number < 0x80:
        return 0x21 <= number and not letter.isalnum() and number != 0x7F
    return unicodedata.category(letter).startswith("P") or any(first <= number <= last for first, last in CHINESE)
