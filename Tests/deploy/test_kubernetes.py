"""The manifests of deploy/kubernetes: against Kubernetes' own schemas, and against each other."""

import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml

from manifests import DEPLOY, ROOT, document, documents, elsewhere, ports

FOLDER = DEPLOY / "kubernetes"
KUSTOMIZATION = document(FOLDER / "kustomization.yaml")
RESOURCES = [resource for name in KUSTOMIZATION["resources"] for resource in documents(FOLDER / name)]
WORKLOADS = {r["metadata"]["name"]: r for r in RESOURCES if r["kind"] in ("Deployment", "StatefulSet")}
CONFIGS = {path.stem: document(path) for path in sorted((FOLDER / "config").glob("*.yaml"))}
# The oldest that has all that is used, one between, the newest that the tool knows.
VERSIONS = ["1.27", "1.32", "1.37"]


def of_kind(kind):
    return [resource for resource in RESOURCES if resource["kind"] == kind]


def pod(workload):
    return workload["spec"]["template"]["spec"]


def name_label(resource):
    return resource["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]


def container_ports(workload):
    return {p["name"]: p["containerPort"] for c in pod(workload)["containers"] for p in c["ports"]}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: f"{r['kind']}-{r['metadata']['name']}")
def test_each_resource_fits_its_schema(resource, version):
    kubernetes_validate.validate(resource, version, strict=True)


def test_a_wrong_field_is_found():
    wrong = yaml.safe_load(yaml.safe_dump(WORKLOADS["scorer"]))
    pod(wrong)["containers"][0]["livenessProb"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_kustomize_renders_it(tmp_path):
    if shutil.which("kubectl") is None:
        pytest.skip("there is no kubectl: kustomization.yaml was not rendered")
    copy = tmp_path / "kubernetes"
    shutil.copytree(FOLDER, copy)
    for role in ("gateway", "retriever", "scorer", "clusterer"):
        (copy / "keys" / f"{role}.key").write_text("no key\n")
    run = subprocess.run(["kubectl", "kustomize", str(copy)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    rendered = list(yaml.safe_load_all(run.stdout))
    for resource in rendered:
        kubernetes_validate.validate(resource, VERSIONS[-1], strict=True)
    generated = 1 + len(KUSTOMIZATION["secretGenerator"])
    assert len(rendered) == len(RESOURCES) + generated
    # What was generated has another name by its content, and the pods follow.
    secrets = {r["metadata"]["name"] for r in rendered if r["kind"] == "Secret"}
    for workload in (r for r in rendered if r["kind"] == "Deployment"):
        wanted = {v["secret"]["secretName"] for v in pod(workload)["volumes"] if "secret" in v}
        assert wanted and wanted <= secrets


def test_every_file_is_used():
    named = set(KUSTOMIZATION["resources"]) | {"kustomization.yaml", "prometheus-adapter.yaml"}
    assert {path.name for path in FOLDER.glob("*.yaml")} == named


def test_pods_mount_what_is_made():
    configs = {g["name"]: {f.split("/")[-1] for f in g["files"]} for g in KUSTOMIZATION["configMapGenerator"]}
    for generator in KUSTOMIZATION["configMapGenerator"]:
        for name in generator["files"]:
            assert (FOLDER / name).is_file()
    secrets = {g["name"]: {f.split("=")[0] for f in g["files"]} for g in KUSTOMIZATION["secretGenerator"]}
    for role, workload in WORKLOADS.items():
        volumes = {v["name"]: v for v in pod(workload)["volumes"]}
        claims = {c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", [])}
        for container in pod(workload)["containers"] + pod(workload)["initContainers"]:
            for mount in container["volumeMounts"]:
                assert mount["name"] in volumes.keys() | claims
        for volume in volumes.values():
            if "configMap" in volume:
                assert {i["key"] for i in volume["configMap"]["items"]} <= configs[volume["configMap"]["name"]]
            if "secret" in volume:
                # A role sees its own key and no other.
                assert volume["secret"]["secretName"] == f"{role}-key"
                assert secrets[f"{role}-key"] == {"key"}


@pytest.mark.parametrize("role", sorted(WORKLOADS))
def test_each_role_is_told_its_own(role):
    workload, config = WORKLOADS[role], CONFIGS[role]
    assert config["roles"] == role
    environment = {e["name"]: e.get("value") for e in pod(workload)["containers"][0]["env"]}
    assert environment["SWITCHBOARD_CONFIG"] == f"/etc/switchboard/{role}.yaml"
    assert ports(config) == container_ports(workload)
    # Written on every start by the pod itself, never by hand with a key that others may read.
    assert ("SWITCHBOARD_KEY" in environment) == (role != "updater")


def test_snapshots_of_the_index_go_to_a_disk():
    workload = WORKLOADS["retriever"]
    (container,) = pod(workload)["containers"]
    folder = next(e["value"] for e in container["env"] if e["name"] == "TMPDIR")
    volume = next(m["name"] for m in container["volumeMounts"] if m["mountPath"] == folder)
    (source,) = (v for v in pod(workload)["volumes"] if v["name"] == volume)
    # Not in memory, and no limit that an index could pass.
    assert source["emptyDir"] == {}


@pytest.mark.parametrize("role", sorted(WORKLOADS))
def test_pods_may_do_little(role):
    spec = pod(WORKLOADS[role])
    assert spec["securityContext"]["runAsNonRoot"] and not spec["automountServiceAccountToken"]
    for container in spec["containers"] + spec["initContainers"]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("role", sorted(CONFIGS))
def test_addresses_lead_to_pods_and_are_let_through(role):
    places = elsewhere(CONFIGS[role])
    assert places
    for host, port, key in places:
        instance, service = host.split(".")
        target = WORKLOADS[service]
        assert target["kind"] == "StatefulSet" and target["spec"]["serviceName"] == service
        assert int(instance.removeprefix(f"{service}-")) < target["spec"]["replicas"]
        assert int(port) in container_ports(target).values()
        assert key == f"{service.upper()}-PUBLIC-KEY", "what is to be filled in, which a node refuses"
        assert lets(role, service, int(port), "egress", "to") and lets(service, role, int(port), "ingress", "from")
    if role in ("retriever", "scorer"):
        gateways = {host for host, port, _ in places if port == "7701"}
        assert len(gateways) == WORKLOADS["gateway"]["spec"]["replicas"], "each worker attaches to every gateway"


def lets(role, other, port, direction, peers):
    for policy in of_kind("NetworkPolicy"):
        if policy["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/name") != role:
            continue
        for rule in policy["spec"].get(direction, []):
            names = [p.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/name") for p in rule[peers]]
            if other in names and port in [p["port"] for p in rule["ports"]]:
                return True
    return False


def test_nothing_else_is_let_through():
    closed = [p for p in of_kind("NetworkPolicy") if p["spec"]["podSelector"] == {} and "ingress" not in p["spec"]]
    assert len(closed) == 1 and closed[0]["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in closed[0]["spec"]
    assert not lets("scorer", "updater", 7702, "egress", "to")
    assert not lets("updater", "scorer", 7702, "ingress", "from")


def test_services_disruption_budgets_and_autoscalers_name_workloads():
    labels = {name_label(workload): workload for workload in WORKLOADS.values()}
    for workload in WORKLOADS.values():
        assert workload["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] == name_label(workload)
    for service in of_kind("Service"):
        target = labels[service["spec"]["selector"]["app.kubernetes.io/name"]]
        for port in service["spec"]["ports"]:
            assert container_ports(target)[port["targetPort"]] == port["port"]
    for budget in of_kind("PodDisruptionBudget"):
        assert budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] in labels
    for scaler in of_kind("HorizontalPodAutoscaler"):
        target = WORKLOADS[scaler["spec"]["scaleTargetRef"]["name"]]
        assert target["kind"] == scaler["spec"]["scaleTargetRef"]["kind"]
        assert "replicas" not in target["spec"], "the autoscaler's, or each apply would take its pods away"


def test_autoscalers_go_by_a_metric_that_there_is():
    (rule,) = document(FOLDER / "prometheus-adapter.yaml")["rules"]["custom"]
    for scaler in of_kind("HorizontalPodAutoscaler"):
        (metric,) = scaler["spec"]["metrics"]
        assert metric["pods"]["metric"]["name"] == rule["name"]["as"]
    base = rule["seriesQuery"].split("{")[0].removesuffix("_sum")
    assert f"`{base}`" in (ROOT / "docs" / "metrics.md").read_text()
    assert f"{base}_count" in rule["metricsQuery"]
