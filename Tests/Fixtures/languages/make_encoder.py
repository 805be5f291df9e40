#!/usr/bin/env python3
"""Writes utterances.jsonl and encoder.gguf: callers who want the same in four languages, and an encoder that knows them all.

The encoder is BERT's architecture with SentencePiece's unigram pieces (as multilingual encoders have), made by hand and not
trained: the pieces are the words of the utterances, words that mean the same have the same vector but for a little noise, all
other words have none. Run it only when the utterances change; it needs gguf and numpy (deploy/tools/requirements.txt):

    ~/.cache/switchboard/venv/bin/python make_encoder.py
"""

import json
import pathlib

import gguf
import numpy

HERE = pathlib.Path(__file__).resolve().parent
WIDTH = 32
# The last dimension is that of words without a meaning; the norm's weight there is 0, so they leave no trace.
NOTHING = WIDTH - 1

UTTERANCES = {
    "cancel-order": {
        "en": ["please cancel my order", "i want to cancel the order", "can you cancel an order for me",
               "cancel that order at once", "the order from today, cancel it"],
        "de": ["bitte meine bestellung stornieren", "ich möchte die bestellung stornieren", "stornieren sie die bestellung",
               "kann man eine bestellung noch stornieren", "die bestellung von heute stornieren bitte"],
        "fr": ["je veux annuler ma commande", "annuler la commande s'il vous plaît", "pouvez-vous annuler une commande",
               "il faut annuler cette commande", "ma commande de ce matin est à annuler"],
        "el": ["θέλω να ακυρώσω την παραγγελία", "μπορώ να ακυρώσω μια παραγγελία", "παρακαλώ να ακυρώσω την παραγγελία μου",
               "την παραγγελία θέλω να ακυρώσω", "πώς να ακυρώσω την παραγγελία μου"],
    },
    "track-parcel": {
        "en": ["where is my parcel", "can i track the parcel", "track my parcel please", "the parcel, where is it now",
               "i want to track a parcel"],
        "de": ["wo ist mein paket", "ich möchte mein paket verfolgen", "wo bleibt das paket", "kann ich das paket verfolgen",
               "das paket bitte verfolgen"],
        "fr": ["où est mon colis", "je veux suivre mon colis", "où se trouve le colis", "peut-on suivre un colis",
               "suivre le colis s'il vous plaît"],
        "el": ["πού είναι το δέμα μου", "θέλω να βρω το δέμα", "πού βρίσκεται το δέμα", "το δέμα μου πού είναι",
               "πού έχει φτάσει το δέμα"],
    },
    "reset-password": {
        "en": ["i forgot my password", "please reset my password", "reset the password for me", "can i reset a password",
               "my password, i forgot it"],
        "de": ["ich habe mein passwort vergessen", "das passwort bitte zurücksetzen", "kann man das passwort zurücksetzen",
               "passwort vergessen", "mein passwort zurücksetzen bitte"],
        "fr": ["j'ai oublié mon mot-de-passe", "je veux réinitialiser le mot-de-passe", "mot-de-passe oublié",
               "pouvez-vous réinitialiser mon mot-de-passe", "réinitialiser un mot-de-passe"],
        "el": ["ξέχασα τον κωδικό μου", "θέλω να αλλάξω τον κωδικό που ξέχασα", "τον κωδικό τον ξέχασα",
               "ξέχασα πάλι τον κωδικό", "ο κωδικό μου, τον ξέχασα"],
    },
    "get-refund": {
        "en": ["i want my money back as a refund", "when do i get the refund", "please refund my money",
               "the refund of my money is late", "refund me the money"],
        "de": ["ich möchte eine erstattung", "wann kommt mein geld als erstattung", "die erstattung von meinem geld fehlt",
               "bitte das geld als erstattung", "mein geld und die erstattung"],
        "fr": ["je veux un remboursement de mon argent", "quand vient le remboursement", "mon argent en remboursement",
               "le remboursement de l' argent manque", "un remboursement s'il vous plaît"],
        "el": ["θέλω επιστροφή για τα χρήματα", "πότε έρχεται η επιστροφή", "τα χρήματα μου σε επιστροφή",
               "η επιστροφή για τα χρήματα αργεί", "παρακαλώ επιστροφή τα χρήματα μου"],
    },
    "change-address": {
        "en": ["i moved, change my address", "change the address please", "can you change an address for me",
               "my address is wrong, change it", "i want to change my address"],
        "de": ["meine adresse bitte ändern", "ich möchte die adresse ändern", "kann man die adresse ändern",
               "die adresse ist falsch, bitte ändern", "adresse ändern nach dem umzug"],
        "fr": ["je veux modifier mon adresse", "modifier une adresse s'il vous plaît", "mon adresse est fausse, modifier la",
               "pouvez-vous modifier mon adresse", "modifier la adresse de ma maison"],
        "el": ["θέλω να τροποποιήσω τη διεύθυνση", "τη διεύθυνση μου να τροποποιήσω", "πώς να τροποποιήσω μια διεύθυνση",
               "μπορώ να τροποποιήσω τη διεύθυνση", "να τροποποιήσω παρακαλώ τη διεύθυνση"],
    },
    "opening-hours": {
        "en": ["what are your opening hours", "the opening hours of the shop", "tell me the opening hours",
               "are there other opening hours today", "opening hours please"],
        "de": ["welche öffnungszeiten gibt es", "die öffnungszeiten bitte", "wie sind ihre öffnungszeiten heute",
               "öffnungszeiten von dem laden", "ich frage nach den öffnungszeiten"],
        "fr": ["quels sont vos horaires", "les horaires s'il vous plaît", "les horaires de la boutique",
               "je demande vos horaires", "il y a d'autres horaires ce matin"],
        "el": ["ποιο είναι το ωράριο", "το ωράριο παρακαλώ", "ποιο ωράριο έχει το μαγαζί", "θέλω να μάθω το ωράριο",
               "ρωτάω για το ωράριο σήμερα"],
    },
}

# Words of one line mean the same.
MEANINGS = [
    "cancel stornieren annuler ακυρώσω", "order bestellung commande παραγγελία", "track where wo verfolgen où suivre πού",
    "parcel paket colis δέμα", "forgot reset vergessen zurücksetzen oublié réinitialiser ξέχασα",
    "password passwort mot-de-passe κωδικό", "refund erstattung remboursement επιστροφή", "money geld argent χρήματα",
    "change ändern modifier τροποποιήσω", "address adresse διεύθυνση", "opening hours öffnungszeiten horaires ωράριο",
]


def words():
    """All words, each once, in the order in which they are said."""
    said = (text for by_language in UTTERANCES.values() for texts in by_language.values() for text in texts)
    return list(dict.fromkeys(word for text in said for word in text.split()))


def embeddings(pieces):
    noise = numpy.random.default_rng(1)
    rows = numpy.zeros((len(pieces), WIDTH), dtype=numpy.float32)
    rows[:, NOTHING] = 1
    for place, piece in enumerate(pieces):
        for meaning, alike in enumerate(MEANINGS):
            if piece.removeprefix("\u2581").strip(",") in alike.split():
                rows[place] = noise.normal(0, 0.05, WIDTH)
                rows[place, meaning] += 1
    return rows


def write(path):
    pieces = ["<s>", "<pad>", "</s>", "<unk>"] + ["\u2581" + word for word in words()] + ["\u2581"]
    letters = sorted({letter for piece in pieces[4:] for letter in piece} - {"\u2581"})
    pieces += letters
    kinds = [gguf.TokenType.CONTROL] * 3 + [gguf.TokenType.UNKNOWN] + [gguf.TokenType.NORMAL] * (len(pieces) - 4)
    # A word is likelier than its letters.
    scores = [0.0] * 4 + [-4.0] * (len(pieces) - 4 - len(letters)) + [-12.0] * len(letters)
    writer = gguf.GGUFWriter(None, "bert")
    writer.add_type("model")
    writer.add_name("four languages, by hand")
    writer.add_block_count(1)
    writer.add_context_length(256)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(1)
    writer.add_layer_norm_eps(1e-6)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_token_type_count(1)
    writer.add_tokenizer_model("t5")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(pieces)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_add_space_prefix(True)
    writer.add_remove_extra_whitespaces(True)
    writer.add_bos_token_id(0)
    writer.add_pad_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_sep_token_id(2)
    writer.add_unk_token_id(3)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)
    square = numpy.zeros((WIDTH, WIDTH), dtype=numpy.float32)
    none, one = numpy.zeros(WIDTH, dtype=numpy.float32), numpy.ones(WIDTH, dtype=numpy.float32)
    seen = one.copy()
    seen[NOTHING] = 0
    tensors = {
        "token_embd.weight": embeddings(pieces),
        "token_types.weight": numpy.zeros((1, WIDTH), dtype=numpy.float32),
        "position_embd.weight": numpy.zeros((256, WIDTH), dtype=numpy.float32),
        "token_embd_norm.weight": one,
        "token_embd_norm.bias": none,
    }
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"):
        tensors[f"blk.0.{name}.weight"], tensors[f"blk.0.{name}.bias"] = square, none
    for name, weight in (("attn_output_norm", one), ("layer_output_norm", seen)):
        tensors[f"blk.0.{name}.weight"], tensors[f"blk.0.{name}.bias"] = weight, none
    for name, data in tensors.items():
        writer.add_tensor(name, data)
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    with open(HERE / "utterances.jsonl", "w", encoding="utf-8") as file:
        for intent, by_language in UTTERANCES.items():
            for texts in by_language.values():
                for text in texts:
                    file.write(json.dumps({"text": text, "intent": intent}, ensure_ascii=False) + "\n")
    write(HERE / "encoder.gguf")


if __name__ == "__main__":
    main()
