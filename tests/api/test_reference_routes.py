from __future__ import annotations

from fastapi.testclient import TestClient

from pilah_api.app import create_app
from pilah_api.schemas import LiveResponse, ModelResponse, ReadyResponse, TaxonomyResponse
from pilah_api.settings import Settings
from pilah_data.taxonomy import FORMS, LABELS, TAXONOMY_VERSION
from tests.api.batch_work import parts_of
from tests.api.stand_in import StandIn


def test_taxonomy(client: TestClient) -> None:
    taxonomy = TaxonomyResponse.model_validate_json(client.get("/v1/taxonomy").content)
    assert taxonomy.version == TAXONOMY_VERSION
    assert [label.code for label in taxonomy.labels] == list(LABELS)
    assert [form.code for form in taxonomy.forms] == list(FORMS)


def test_model(client: TestClient) -> None:
    model = ModelResponse.model_validate_json(client.get("/v1/model").content)
    assert model.model.name == "pilah-uji"
    assert model.policy["tinjau_from"] == 0.7
    assert model.card == {"purpose": "a stand-in for tests"}


def test_health(client: TestClient) -> None:
    assert LiveResponse.model_validate_json(client.get("/livez").content).status == "live"
    no_worker = client.get("/readyz")
    assert (no_worker.status_code, no_worker.json()["type"]) == (503, "/problems/not-ready")
    assert "no worker is alive" in no_worker.json()["detail"]
    with parts_of(client)[0].writing() as unit:
        unit.workers.beat("a", "here:1", "model")
    ready = ReadyResponse.model_validate_json(client.get("/readyz").content)
    assert (ready.model.name, ready.workers) == ("pilah-uji", 1)


def test_without_a_model_the_server_lives_but_is_not_ready(tmp_path: object) -> None:
    app = create_app(Settings(model=None).override(model=tmp_path))
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/livez").status_code == 200
        for response in (
            client.get("/readyz"),
            client.get("/v1/model"),
            client.post("/v1/classify", json={"texts": ["a"]}),
        ):
            assert response.status_code == 503
            assert response.json()["type"] == "/problems/not-ready"
            assert str(tmp_path) in response.json()["detail"]
            assert response.headers["retry-after"] == "5"
        page = client.post("/", data={"text": "kopi <b>"})
        assert page.status_code == 503
        assert "Model belum siap" in page.text
        assert "kopi &lt;b&gt;</textarea>" in page.text
        app.state.judge = StandIn()  # as the page for models does
        assert client.post("/v1/classify", json={"texts": ["a"]}).status_code == 200
