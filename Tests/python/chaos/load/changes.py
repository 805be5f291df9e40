"""Random changes of a small index: a few texts come, go and change their intents, and intents change their names."""

from chaos.load.pairs import unit_vector
from switchboard.v1 import index_pb2

VERTICAL = "order"
TEXTS, GROUPS = 200, 8
# So many paths are remembered for being named again; the others stay in the index, mostly empty.
MOST_PATHS = 300


def text(number):
    return f"utterance number {number} about an order".encode()


class Changes:
    """Draws operations. What it thinks of paths may be a moment old, since several writers are under way."""

    def __init__(self, random, seed, encoder):
        self.random, self.seed, self.encoder = random, seed, encoder
        self.number = self.fresh = 0
        self.paths = set()
        self.can_rename = "rename" in index_pb2.LogCommand.DESCRIPTOR.fields_by_name

    def draw(self):
        """Operation id, request, and what it does to paths."""
        self.number += 1
        operation = f"w-{self.seed}-{self.number}".encode()
        request = index_pb2.AppendRequest(operation_id=operation, source=b"chaos", author=b"deploy/chaos")
        kind, renamed = self.random.random(), None
        if kind < 0.15 and self.can_rename and self.paths:
            renamed = self._rename(request)
        elif kind < 0.30:
            request.commands.add().remove.vertical = VERTICAL
            request.commands[0].remove.text = text(self.random.randrange(TEXTS))
        else:
            for number in self.random.sample(range(TEXTS), self.random.choice([1, 1, 2, 3])):
                self._upsert(request, number)
        return operation, request, renamed

    def _upsert(self, request, number):
        upsert = request.commands.add().upsert
        upsert.vertical, upsert.text, upsert.encoder_id = VERTICAL, text(number), self.encoder
        if self.paths and self.random.random() < 0.6:
            path = self.random.choice(sorted(self.paths))
        else:
            path = f"group-{self.random.randrange(GROUPS)}/case-{self.random.randrange(40)}"
        upsert.intent = path.encode()
        upsert.vector.extend(unit_vector(self.seed, number).tolist())

    def _rename(self, request):
        self.fresh += 1
        path = self.random.choice(sorted(self.paths))
        group, _, case = path.partition("/")
        old, new = (group, f"renamed-{self.fresh}") if self.random.random() < 0.3 or not case else (
            path, f"{group}/renamed-{self.fresh}")
        rename = request.commands.add().rename
        # `from` is a word of Python.
        rename.vertical, rename.to = VERTICAL, new.encode()
        setattr(rename, "from", old.encode())
        return old, new

    def done(self, request, renamed):
        if renamed:
            old, new = renamed
            self.paths = {new + path[len(old):] if f"{path}/".startswith(f"{old}/") else path for path in self.paths}
        if len(self.paths) > MOST_PATHS:
            self.paths = set(self.random.sample(sorted(self.paths), MOST_PATHS // 2))
        self.paths |= {command.upsert.intent.decode() for command in request.commands if command.HasField("upsert")}
