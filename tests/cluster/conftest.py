import pytest

pytest.importorskip("ray", reason="a cluster is an extra: pip install '.[cluster]'")
