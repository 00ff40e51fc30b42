"""Fictional firms for demonstration, tests and benchmarks; every page says that they are."""

from portal.register.sample.documents import sample_documents
from portal.register.sample.generator import PROVENANCE, SampleFirm, SampleMaker, sample_records
from portal.register.sample.loading import FICTIONAL, SampleReport, load_sample, register_is_empty

__all__ = [
    "FICTIONAL",
    "PROVENANCE",
    "SampleFirm",
    "SampleMaker",
    "SampleReport",
    "load_sample",
    "register_is_empty",
    "sample_documents",
    "sample_records",
]
