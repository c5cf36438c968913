"""The one criterion G (``verdict.py``) is what every fault's test ends with, or it says why not."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reliability.md"

JUDGES = {"judge", "judge_after", "assert_holds"}

EXEMPT = {
    "the lease alone: nothing reads or sends": (
        "test_row_05_a_second_worker_is_refused",
        "test_row_05_a_worker_that_died_leaves_no_lease_behind",
        "test_row_05_of_two_nodes_one_reads",
    ),
    "a mailbox line that only lists, fetches or moves: no database": (
        "test_a_look_at_the_mailbox_sees_who_vouches_for_senders",
        "test_row_09_a_mail_deleted_in_between_shifts_no_other",
        "test_row_10_a_broken_line_is_no_refusal",
        "test_row_10_a_look_does_not_copy_what_could_not_leave_the_inbox",
        "test_row_10_move_fails_halfway_no_copy_storm",
        "test_row_10_what_may_not_be_expunged_is_copied_once_however_much_it_is",
        "test_row_10_without_move_and_uidplus_each_mail_is_copied_once",
        "test_row_10_without_move_each_mail_is_copied_once",
        "test_row_28_a_ledger_of_years_is_listed",
    ),
    "a submission line alone: what it makes of a server's words and silences": (
        "test_row_04_broken_before_the_final_dot_is_a_wait_and_not_unsure",
        "test_row_16_a_line_long_unused_is_not_trusted",
        "test_row_16_a_slow_server_is_given_the_minutes_of_the_standard",
        "test_row_16_one_mail_has_an_end_however_slow_its_replies",
        "test_row_16_the_time_for_the_final_dot_is_its_own",
        "test_row_53_a_smuggled_end_of_data_is_one_mail",
        "test_row_53_what_is_smuggled_out_through_postfix_is_one_mail",
    ),
    "an alert alone: nobody writes": (
        "test_row_22_a_mailbox_that_fills_up_is_told",
        "test_row_37_an_alert_past_the_outbox_takes_the_second_way_where_the_first_is_shut",
    ),
    "a service that ends before it takes a mail": (
        "test_row_07_what_is_pushed_first_fills_no_second_database",
    ),
    "what waits for a database, or holds it up: nobody writes": (
        "test_row_07_a_start_that_waits_takes_the_database_that_is_restored_meanwhile",
        "test_row_36_a_check_takes_no_lock_that_a_writer_needs",
    ),
    "the MAC alone": ("test_row_41_no_token_but_the_whole_one_verifies",),
    "words of an error or a refusal, without a mail": (
        "test_row_52_a_server_that_repeats_the_password_is_not_repeated",
        "test_row_52_a_submission_server_that_repeats_the_login_is_not_repeated",
        "test_row_52_a_token_in_an_errors_text_is_not_logged",
        "test_row_52_no_form_of_a_secret_is_repeated",
        "test_row_52_the_clients_secret_is_not_repeated_either",
        "test_row_52_the_key_is_in_no_line",
    ),
    "the proofs' own means": (
        "test_row_02_a_point_without_a_name_ends_the_run",
        "test_row_02_a_point_that_is_passed_no_more_fails_the_run",
        "test_row_01_a_run_with_fewer_calls_is_killed_at_its_last",
        "test_row_01_every_call_is_some_workers_own",
        "test_row_02_a_few_points_are_spread_over_all",
        "test_row_02_runs_in_which_nobody_is_killed_fail",
        "test_row_02_what_only_reads_has_no_owner",
        "test_row_02_what_would_be_written_unseen_is_found",
        "test_row_28_a_leak_fails_the_soak",
        "test_row_28_growing_memory_is_seen",
        "test_row_28_the_soak_runs_with_what_the_unit_sets_for_the_allocator",
        "test_row_28_memory_that_was_not_judged_is_told",
        "test_row_52_what_a_library_logs_is_one_line_without_a_token",
        "test_row_52_the_search_finds_a_secret_in_what_a_login_says",
    ),
    "which libraries are imported where, and which calls are in the code": (
        "test_row_02_only_its_owner_talks_to_the_world",
        "test_row_02_every_point_is_said_by_somebody",
        "test_row_02_every_word_to_a_mail_server_has_a_point",
        "test_row_02_what_is_imported_has_an_owner_or_is_silent",
        "test_row_02_nothing_is_written_past_its_owner",
        "test_row_02_nothing_talks_past_its_owner",
        "test_row_49_no_module_imports_what_unpacks",
        "test_row_49_who_may_import_shutil_unpacks_nothing_with_it",
    ),
    "the database's settings alone": ("test_row_06_every_commit_waits_for_the_disk",),
    "a disk that no process ran on: each committed row, and SQLite's own check": (
        "test_row_06_every_committed_row_survives_a_power_cut",
    ),
    "runs that apply G in processes of their own": (
        "test_row_01_a_few_kills_at_system_calls",
        "test_row_02_a_few_kills_at_logical_points",
    ),
}
"""Tests that do not end with G, by the reason."""


def _uses(function: ast.FunctionDef) -> set[str]:
    """Give what a function calls, and which fixtures it takes, by their bare names."""
    names = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            called = node.func
            names.add(getattr(called, "attr", "") or getattr(called, "id", ""))
    return names


def _without_judge(module: Path) -> set[str]:
    """Give the tests of a module that call G neither themselves nor by a function beside them."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    uses = {each.name: _uses(each) for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    judges = set(JUDGES)
    while more := {name for name, used in uses.items() if used & judges} - judges:
        judges |= more
    return {name for name in uses if name.startswith("test_")} - judges


def _exempt() -> list[str]:
    return [name for names in EXEMPT.values() for name in names]


def test_every_test_of_a_fault_ends_with_the_criterion_or_says_why_not() -> None:
    """A new test without G fails here, and so does an exemption that nobody needs any more."""
    modules = [path for path in HERE.glob("test_*.py") if path != Path(__file__)]
    found = sorted(name for path in modules for name in _without_judge(path))
    assert found == sorted(_exempt())


def test_the_page_names_every_row_that_a_test_takes_without_the_criterion() -> None:
    """The published list and the table above say the same."""
    page = PAGE.read_text(encoding="utf-8")
    (paragraph,) = (each for each in page.split("\n\n") if each.startswith("No town, and so no G"))
    named = {int(number) for group in re.findall(r"\(([\d, ]+)\)", paragraph)
             for number in group.split(",")}  # fmt: skip
    assert named == {int(row) for name in _exempt() for row in re.findall(r"row_(\d\d)_", name)}
