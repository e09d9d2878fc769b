"""A table of labels: read, its labels called true_X, and complained of if odd."""

from galspec.evaluation.tables import (
    ROLES,
    EvaluationError,
    column_of,
    is_class,
    numbers,
    read_table,
    require,
    roles_of,
)

__all__ = ["holds_estimates", "labels_table"]

#: Roles of columns that hold numbers.
NUMBERS = {"redshift", "snr_r", "mag", "mass"}


def labels_table(labelled, targets, columns):
    """Read labels, and check them before any work is done.

    Parameters
    ----------
    labelled, columns
        As for `~galspec.evaluation.evaluate`.
    targets : tuple of `~galspec.Target`

    Returns
    -------
    `~astropy.table.Table`
        Labels of a target X are in the column ``true_X``, their errors in
        ``true_X_err``; the other columns are as they were.

    Raises
    ------
    EvaluationError
        If there are no labels, or a column is missing or not what it should be.
    """
    table = read_table(labelled)
    _check_keys(columns, targets)
    _label_columns(table, targets, columns)
    roles = roles_of(table, columns)
    for target in targets:
        if f"true_{target.name}" in table.colnames:
            numbers(table, f"true_{target.name}", target.unit)
    for role in NUMBERS.intersection(roles):
        numbers(table, roles[role])
    return table


def holds_estimates(table, targets):
    """Whether a table of labels has estimates too: probabilities, or X beside true_X.

    Parameters
    ----------
    table : `~astropy.table.Table`
        What `labels_table` gave.
    targets : tuple of `~galspec.Target`

    Returns
    -------
    bool
    """
    names = set(table.colnames)
    return any(
        target.name in names and (is_class(target) or f"true_{target.name}" in names)
        for target in targets
    )


def _check_keys(columns, targets):
    known = [*ROLES, *(t.name for t in targets if not is_class(t))]
    for key in columns:
        if key not in known:
            raise EvaluationError(
                f"{key!r} is nothing that a column is for; there is {', '.join(known)}"
            )


def _label_columns(table, targets, columns):
    """Rename labels to true_X, in place; complain if there are none at all."""
    values = [target.name for target in targets if not is_class(target)]
    for name in values:
        if name in columns:
            # a copy: the column may have a second use, as a redshift has
            table[f"true_{name}"] = table[require(table, columns[name])]
            if columns[name] == name:
                table.remove_column(name)
        elif name in table.colnames and f"true_{name}" not in table.colnames:
            _refuse_result(table, name)
            table.rename_column(name, f"true_{name}")
            if f"{name}_err" in table.colnames:
                table.rename_column(f"{name}_err", f"true_{name}_err")
    labels = [name for name in values if f"true_{name}" in table.colnames]
    has_classes = len(values) < len(targets) and column_of(table, "class", columns)
    if not labels and not has_classes:
        wanted = values + ["class"] * (len(values) < len(targets))
        raise EvaluationError(
            f"there are no labels: none of the columns {', '.join(wanted)} is there; "
            f"the table has {', '.join(table.colnames)}"
        )


def _refuse_result(table, name):
    """A result of predict has the targets' names but holds no labels."""
    if {f"{name}_err", "flags"} <= set(table.colnames):
        raise EvaluationError(
            f"column 'true_{name}' is missing: the table looks like a result, in "
            f"which {name!r} is an estimate and not a label"
        )
