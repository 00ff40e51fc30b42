"""Lists of authorities into the register: CSV, XLSX or NDJSON by a mapping, checked whole and written in batches."""

from portal.register.importing.job import ImportJob
from portal.register.importing.mapping import Mapping, load_mapping, source_names
from portal.register.importing.problems import CellProblem, ImportFileError
from portal.register.importing.report import ImportReport, Rejected
from portal.register.importing.runner import run_import

__all__ = [
    "CellProblem",
    "ImportFileError",
    "ImportJob",
    "ImportReport",
    "Mapping",
    "Rejected",
    "load_mapping",
    "run_import",
    "source_names",
]
