"""What must be true of the stored rows at any moment, in plain SQL: each query finds the rows that break it.

Nothing here calls a rule, a query or a model of the service: a guard that is missing there is not missing here. A further
invariant is a further entry.
"""

BOOKS = {
    "a movement does not balance": "SELECT entry_id FROM ledger_line GROUP BY entry_id HAVING sum(amount) <> 0",
    "an account of no chart": "SELECT account FROM ledger_line WHERE substr(account, 1, 1) NOT IN ('1','2','3','4','5')",
    "assets are not liabilities, equity and result": """
        SELECT assets, rest FROM (
            SELECT coalesce(sum(CASE WHEN account < '2' THEN amount END), 0) AS assets,
                   coalesce(sum(CASE WHEN account >= '2' THEN amount END), 0) AS rest FROM ledger_line)
        WHERE assets + rest <> 0""",
    "a number of the journal is missing": """
        SELECT fund_id FROM ledger_entry GROUP BY fund_id HAVING max(number) <> count(*) OR min(number) <> 1""",
    "a kept balance is not its lines": """
        SELECT b.account, b.amount FROM account_balance b
        WHERE b.amount <> (SELECT coalesce(sum(l.amount), 0) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
                           WHERE l.account = b.account AND e.fund_id = b.fund_id)""",
    "cash is less than nothing": """
        SELECT account FROM ledger_line WHERE account IN ('1101', '1102') GROUP BY account HAVING sum(amount) < 0""",
    "what one loan pays of another stayed on the way": """
        SELECT account FROM ledger_line WHERE account = '1103' GROUP BY account HAVING sum(amount) <> 0""",
    "the loans' account is not the sum of the loans": """
        SELECT books, register FROM (
            SELECT (SELECT coalesce(sum(amount), 0) FROM ledger_line WHERE account = '1201') AS books,
                   (SELECT coalesce(sum(outstanding_principal), 0) FROM loan) AS register)
        WHERE books <> register""",
    "what is held for those who paid too much is not its account": """
        SELECT books, register FROM (
            SELECT (SELECT -coalesce(sum(amount), 0) FROM ledger_line WHERE account = '2101') AS books,
                   (SELECT coalesce(sum(excess), 0) FROM repayment)
                 - (SELECT coalesce(sum(amount), 0) FROM overpayment_use) AS register)
        WHERE books <> register""",
    "what funders gave is not their accounts": """
        SELECT register, books FROM (
            SELECT (SELECT coalesce(sum(amount), 0) FROM contribution)
                 - (SELECT coalesce(sum(amount), 0) FROM withdrawal) AS register,
                   (SELECT -coalesce(sum(amount), 0) FROM ledger_line WHERE account IN ('3101', '2102')) AS books)
        WHERE register <> books""",
    "what is to be shared is not what was shared": """
        SELECT register, books FROM (
            SELECT (SELECT coalesce(sum(amount), 0) FROM income_part WHERE paid_on IS NULL) AS register,
                   (SELECT -coalesce(sum(amount), 0) FROM ledger_line WHERE account = '2201') AS books)
        WHERE register <> books""",
    "the control accounts at the last close are not the sum of the loans": """
        SELECT account, books, register FROM (
            SELECT a.account,
                   (SELECT coalesce(sum(l.amount), 0) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
                    WHERE l.account = a.account AND e.fund_id = c.fund_id AND e.number <= c.journal) AS books,
                   (SELECT coalesce(sum(CASE a.account WHEN '1301' THEN s.interest_receivable
                                             WHEN '1302' THEN s.charges_receivable ELSE -s.allowance END), 0)
                    FROM loan_standing s WHERE s.fund_id = c.fund_id AND s.slot = c.slot) AS register
            FROM closing c, (SELECT '1301' AS account UNION SELECT '1302' UNION SELECT '1202') a WHERE c.day IS NOT NULL)
        WHERE books <> register""",
}
"""The books of the fund and the registers behind them."""

LOANS = {
    "a loan is not its schedule": """
        SELECT loan.id FROM loan JOIN instalment i ON i.loan_id = loan.id GROUP BY loan.id
        HAVING sum(i.principal) <> loan.principal + loan.capitalised
            OR loan.outstanding_principal <> CASE WHEN loan.written_off_on IS NULL
                                                  THEN sum(i.principal - i.paid_principal) ELSE 0 END""",
    "a loan is not what was paid back of it": """
        SELECT loan.id FROM loan WHERE loan.outstanding_principal <> loan.principal + loan.capitalised
            - (SELECT coalesce(sum(r.principal), 0) FROM repayment r WHERE r.loan_id = loan.id AND NOT r.recovery)
            + (SELECT coalesce(sum(c.principal), 0) FROM loan_change c
               WHERE c.loan_id = loan.id AND c.kind = 'write_off')""",
    "a loan is settled that owes": """
        SELECT loan.id FROM loan JOIN instalment i ON i.loan_id = loan.id WHERE loan.state = 'settled' GROUP BY loan.id
        HAVING sum(i.principal + i.interest + i.fee + i.penalty) <>
               sum(i.paid_principal + i.paid_interest + i.paid_fee + i.paid_penalty)""",
    "an instalment is not what was paid of it": """
        SELECT i.loan_id, i.number FROM instalment i LEFT JOIN (
            SELECT r.loan_id, p.instalment, sum(p.principal) AS principal, sum(p.interest) AS interest,
                   sum(p.fee) AS fee, sum(p.penalty) AS penalty
            FROM repayment_part p JOIN repayment r ON r.id = p.repayment_id GROUP BY r.loan_id, p.instalment) p
        ON p.loan_id = i.loan_id AND p.instalment = i.number
        WHERE i.paid_principal <> coalesce(p.principal, 0) OR i.paid_interest <> coalesce(p.interest, 0)
            OR i.paid_fee <> coalesce(p.fee, 0) OR i.paid_penalty <> coalesce(p.penalty, 0)
            OR min(i.principal, i.interest, i.fee, i.penalty) < 0""",
    "a payment is not the sum of its parts": """
        SELECT r.id FROM repayment r LEFT JOIN repayment_part p ON p.repayment_id = r.id GROUP BY r.id
        HAVING r.amount <> r.excess + coalesce(sum(p.principal + p.interest + p.fee + p.penalty), 0)
            OR r.principal <> coalesce(sum(p.principal), 0) OR r.interest <> coalesce(sum(p.interest), 0)""",
    "a payment is not where it came in": """
        SELECT r.id FROM repayment r LEFT JOIN ledger_line l ON l.entry_id = r.entry_id AND l.account = CASE r.channel
            WHEN 'cash' THEN '1102' WHEN 'held' THEN '2101' WHEN 'refinanced' THEN '1103' ELSE '1101' END
        GROUP BY r.id HAVING coalesce(sum(l.amount), 0) <> r.amount""",
    "a payment is reversed otherwise than it was posted": """
        SELECT c.id FROM repayment c LEFT JOIN repayment r ON r.id = c.reverses_id
        WHERE c.reverses_id IS NOT NULL AND (c.amount <> -r.amount OR c.principal <> -r.principal
            OR c.excess <> -r.excess OR c.loan_id <> r.loan_id OR r.reversed_on IS NULL OR r.reverses_id IS NOT NULL)
        UNION ALL SELECT id FROM repayment WHERE reverses_id IS NULL AND amount <= 0
        UNION ALL SELECT r.id FROM repayment r LEFT JOIN repayment c ON c.reverses_id = r.id
        WHERE (r.reversed_on IS NULL) <> (c.id IS NULL)""",
    "more was given back than was held": """
        SELECT loan.id FROM loan WHERE (SELECT coalesce(sum(excess), 0) FROM repayment WHERE loan_id = loan.id)
            < (SELECT coalesce(sum(amount), 0) FROM overpayment_use WHERE loan_id = loan.id)""",
    "a loan was not paid out by the trustee": """
        SELECT loan.id FROM loan LEFT JOIN ledger_line l ON l.account IN ('1101', '1103') AND (l.entry_id = loan.entry_id
            OR l.entry_id IN (SELECT entry_id FROM loan_change c WHERE c.loan_id = loan.id AND c.kind = 'tranche'))
        GROUP BY loan.id HAVING coalesce(sum(l.amount), 0) <> -loan.principal""",
    "an application is paid out and is no loan, or the other way round": """
        SELECT a.id FROM application a LEFT JOIN loan ON loan.application_id = a.id
        WHERE (a.state = 'disbursed') <> (loan.id IS NOT NULL)""",
    "a change is carried out and changed nothing, or the other way round": """
        SELECT a.id FROM application a LEFT JOIN loan_change c ON c.application_id = a.id AND c.kind <> 'tranche'
        WHERE a.kind <> 'loan' AND ((a.state IN ('disbursed', 'carried_out')) <> (c.id IS NOT NULL)
            OR c.kind <> a.kind OR c.loan_id <> a.loan_id)""",
    "a loan was not resolved": """
        SELECT loan.id FROM loan JOIN resolution r ON r.id = loan.resolution_id JOIN agenda_item i ON i.id = r.item_id
        JOIN application a ON a.id = loan.application_id
        WHERE r.outcome <> 'approved' OR r.application_id <> loan.application_id OR i.application_id <> r.application_id
            OR loan.principal + a.committed > r.amount OR i.amount <> r.amount OR loan.regulations_id <> r.lent_under_id
            OR r.id <> (SELECT max(id) FROM resolution WHERE application_id = loan.application_id)""",
    "a loan is not what its edition lends": """
        SELECT loan.id FROM loan JOIN application a ON a.id = loan.application_id
        JOIN resolution r ON r.id = loan.resolution_id JOIN regulations g ON g.id = loan.regulations_id
        WHERE NOT EXISTS (
            SELECT 1 FROM json_each(g.parameters, '$.products') p
            WHERE json_extract(p.value, '$.code') = a.product
                AND r.amount BETWEEN json_extract(p.value, '$.minimum') AND json_extract(p.value, '$.maximum')
                AND json_extract(p.value, '$.annual_rate') = json_extract(loan.terms, '$.annual_rate')
                AND (SELECT count(*) FROM loan_change c WHERE c.loan_id = loan.id AND c.kind = 'tranche')
                    < coalesce(json_extract(p.value, '$.tranches'), 1))""",
    "a loan was not told, or more than once": """
        SELECT loan.id FROM loan LEFT JOIN event_log e ON e.subject = loan.id AND e.type LIKE '%loan-disbursed%'
        GROUP BY loan.id HAVING count(e.seq) <> 1""",
    "a number is missing": """
        SELECT told FROM (
            SELECT 'resolution' AS told, count(*) AS n, max(CAST(substr(number, -4) AS INTEGER)) AS last FROM resolution
            UNION ALL SELECT 'receipt', count(*), max(CAST(substr(number, -4) AS INTEGER)) FROM repayment
                WHERE reverses_id IS NULL
            UNION ALL SELECT 'reversal', count(*), max(CAST(substr(number, -4) AS INTEGER)) FROM repayment
                WHERE reverses_id IS NOT NULL
            UNION ALL SELECT 'refund', count(*), max(CAST(substr(number, -4) AS INTEGER)) FROM overpayment_use
                WHERE kind = 'refund')
        WHERE n <> coalesce(last, 0)""",
}
"""What was lent, changed, paid back, reversed and held."""

PEOPLE = {
    "who paid out took a repayment": """
        SELECT r.id FROM repayment r JOIN loan ON loan.id = r.loan_id
        WHERE r.posted_by = loan.disbursed_by AND r.channel <> 'refinanced'""",
    "who changed a loan took a repayment": """
        SELECT r.id FROM repayment r JOIN loan_change c ON c.loan_id = r.loan_id
        WHERE r.posted_by = c.done_by AND r.channel <> 'refinanced'
            AND (r.id > c.id OR (r.reversed_on IS NULL AND r.reverses_id IS NULL))""",
    "who took a repayment reversed it": """
        SELECT c.id FROM repayment c JOIN repayment r ON r.id = c.reverses_id WHERE c.posted_by = r.posted_by""",
    "who took what was too much gave it back": """
        SELECT u.id FROM overpayment_use u JOIN repayment r ON r.loan_id = u.loan_id
        WHERE u.kind = 'refund' AND r.excess > 0 AND r.reversed_on IS NULL AND r.posted_by = u.made_by AND r.id < u.id""",
    "who voted paid out": """
        SELECT loan.id FROM loan JOIN agenda_item i ON i.application_id = loan.application_id
        JOIN vote v ON v.item_id = i.id WHERE v.subject = loan.disbursed_by""",
    "who voted carried it out": """
        SELECT c.id FROM loan_change c JOIN agenda_item i ON i.application_id = c.application_id
        JOIN vote v ON v.item_id = i.id WHERE v.subject = c.done_by""",
    "who assented paid out": """
        SELECT loan.id FROM loan JOIN assent a ON a.resolution_id = loan.resolution_id WHERE a.subject = loan.disbursed_by
        UNION ALL SELECT c.id FROM loan_change c JOIN assent a ON a.resolution_id = c.resolution_id
        WHERE a.subject = c.done_by""",
    "who judged it assented": """
        SELECT a.id FROM assent a JOIN appraisal p ON p.application_id = a.application_id
        WHERE p.appraised_by = a.subject AND p.id < a.id
        UNION ALL SELECT a.id FROM assent a JOIN agenda_item i ON i.application_id = a.application_id
        JOIN vote v ON v.item_id = i.id WHERE v.subject = a.subject AND v.id < a.id""",
    "who appraised voted": """
        SELECT v.id FROM vote v JOIN agenda_item i ON i.id = v.item_id
        JOIN appraisal a ON a.application_id = i.application_id WHERE a.appraised_by = v.subject AND a.id < v.id""",
    "who was recused voted": """
        SELECT v.id FROM vote v JOIN recusal r ON r.item_id = v.item_id AND r.roll_seat_id = v.roll_seat_id""",
    "who had declared an interest voted": """
        SELECT v.id FROM vote v JOIN agenda_item i ON i.id = v.item_id JOIN application a ON a.id = i.application_id
        JOIN copy_enterprise e ON e.enterprise_id = a.enterprise_id, json_each(e.owner_ids) owner
        JOIN declared_interest d ON d.entrepreneur_id = replace(owner.value, '-', '') AND d.id < v.id
        JOIN seat s ON s.id = d.seat_id WHERE s.subject = v.subject""",
    "who was not in the room voted": """
        SELECT v.id FROM vote v WHERE NOT coalesce(
            (SELECT m.present FROM attendance m WHERE m.roll_seat_id = v.roll_seat_id AND m.id < v.id
             ORDER BY m.id DESC LIMIT 1), 0)""",
    "who is not on the roll voted": """
        SELECT v.id FROM vote v JOIN agenda_item i ON i.id = v.item_id
        LEFT JOIN roll_seat s ON s.id = v.roll_seat_id AND s.session_id = i.session_id
        WHERE s.id IS NULL OR s.subject <> v.subject""",
    "a seat voted twice": """
        SELECT v.item_id FROM vote v JOIN roll_seat s ON s.id = v.roll_seat_id
        GROUP BY v.item_id, coalesce(s.alternate_for_id, s.seat_id) HAVING count(*) > 1""",
    "a principal and her alternate are both there": """
        SELECT session_id FROM roll_seat WHERE arrived_at IS NOT NULL AND left_at IS NULL
        GROUP BY session_id, coalesce(alternate_for_id, seat_id) HAVING count(*) > 1""",
    "minutes do not follow the ones before": """
        SELECT a.id FROM acta a LEFT JOIN acta b ON b.committee_id = a.committee_id AND b.sequence = a.sequence - 1
        WHERE a.previous_hash IS NOT b.hash""",
    "a closed session has no minutes": """
        SELECT s.id FROM committee_session s LEFT JOIN acta ON acta.session_id = s.id
        WHERE (s.state = 'closed') <> (acta.id IS NOT NULL)""",
    "what lies before the committee is not what it votes on": """
        SELECT i.id FROM agenda_item i JOIN application a ON a.id = i.application_id
        JOIN appraisal p ON p.id = i.appraisal_id
        WHERE i.state = 'pending' AND a.state <> 'withdrawn' AND (a.state <> 'on_agenda' OR i.amount <> p.amount
            OR EXISTS (SELECT 1 FROM appraisal later WHERE later.application_id = a.id AND later.id > p.id))""",
}
"""Who may do what, and what the committee did."""

ALWAYS = BOOKS | LOANS | PEOPLE
