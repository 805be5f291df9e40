"""A whole cluster on one machine: an updater, gateways, retrievers and scorers, each a process."""

from chaos.cluster.network import Namespace
from chaos.cluster.process import NodeProcess
from chaos.cluster.witness import Witness


class Cluster:
    """Started by `with`; whatever happens inside, all of it is gone afterwards.

    - `gateways`: shared ones, to which every worker attaches.
    - With `addressable` each retriever has a gateway of its own besides (`retriever.own`), through which it alone
      answers: so one replica can be asked.
    - `cuttable` workers live in a network namespace (`worker.namespace`) and can be cut off.
    - Each retriever follows through a witness (`retriever.witness`).
    """

    def __init__(self, bench, gateways=1, retrievers=2, scorers=0, addressable=False, cuttable=False):
        self.bench = bench
        self.addressable, self.cuttable = addressable, cuttable
        self.host = "0.0.0.0" if cuttable else "127.0.0.1"
        self.open = ("--insecure",) if cuttable else ()
        self.updater = NodeProcess(
            bench.switchboard, bench.folder, "updater", ["updater"], host="127.0.0.1", arguments=()
        )
        self.gateways = [self._gateway(f"gateway-{number}") for number in range(gateways)]
        # The updater has vectors made through a gateway, and listens where workers in a namespace reach it.
        self.updater.argv += [word for gateway in self.gateways for word in ("--connect", _local(gateway.worker))]
        self.retrievers, self.scorers = [], []
        self.wanted = retrievers, scorers

    def __enter__(self):
        try:
            for node in [self.updater, *self.gateways]:
                node.start(wait=False)
            for _ in range(self.wanted[0]):
                self.add_retriever(wait=False)
            for _ in range(self.wanted[1]):
                self._add_scorer()
            for node in self.nodes:
                node.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for worker in [*self.retrievers, *self.scorers]:
            worker.resume()
            if worker.namespace:
                worker.namespace.mend()
        for node in reversed(self.nodes):
            self.bench.stop(node)
        for worker in [*self.retrievers, *self.scorers]:
            if worker.witness:
                worker.witness.close()
            if worker.namespace:
                worker.namespace.remove()

    @property
    def nodes(self):
        own = [retriever.own for retriever in self.retrievers if retriever.own]
        return [self.updater, *self.gateways, *own, *self.retrievers, *self.scorers]

    @property
    def routers(self):
        """Router addresses of the shared gateways."""
        return [_local(gateway.router) for gateway in self.gateways]

    def router_of(self, retriever):
        """The router address behind which this replica alone answers."""
        return _local(retriever.own.router)

    def add_retriever(self, wait=True):
        number = len(self.retrievers)
        own = self._gateway(f"gateway-of-{number}") if self.addressable else None
        if own:
            own.start(wait=False)
        retriever = self._worker(f"retriever-{number}", "retriever", [*self.gateways, *([own] if own else [])])
        retriever.own = own
        self.retrievers.append(retriever)
        retriever.start(wait=False)
        if wait:
            retriever.wait_until_ready()
            if own:
                own.wait_until_ready()
        return retriever

    def _add_scorer(self):
        scorer = self._worker(f"scorer-{len(self.scorers)}", "scorer", self.gateways)
        self.scorers.append(scorer)
        scorer.start(wait=False)

    def _gateway(self, name):
        arguments = ("--updater", self.updater.index, *self.open)
        return NodeProcess(
            self.bench.switchboard, self.bench.folder, name, ["gateway"], arguments, host=self.host
        )

    def _worker(self, name, role, gateways):
        namespace = Namespace() if self.cuttable else None
        reach = namespace.host if namespace else "127.0.0.1"
        arguments = [word for gateway in gateways for word in ("--connect", _at(gateway.worker, reach))]
        witness = None
        if role == "retriever":
            witness = Witness(self.bench.context, self.updater.index, host=reach)
            arguments += ["--updater", witness.address]
        worker = NodeProcess(
            self.bench.switchboard, self.bench.folder, name, [role], ["--threads", "1", *arguments],
            host=namespace.inside if namespace else "127.0.0.1", prefix=namespace.prefix if namespace else (),
        )
        worker.namespace, worker.witness = namespace, witness
        return worker


def _at(address, host):
    return f"tcp://{host}:{address.rsplit(':', 1)[1]}"


def _local(address):
    return _at(address, "127.0.0.1")
