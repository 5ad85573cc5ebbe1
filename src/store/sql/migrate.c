/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/migrate.h"

#include <string.h>

#include "base/buf.h"
#include "store/sql/search.h"

typedef enum rows_kept { PLAIN, CLUSTERED } rows_kept;

typedef struct step {
    int version;
    rows_kept kept;
    const char *sql; /* or */
    bool (*run)(ix_ctx *cx, db_conn *db);
} step;

static const step steps[] = {
#define STEP(version, kept, sql)     {version, kept, sql, NULL},
#define STEP_IN_C(version, function) {version, PLAIN, NULL, function},
#include "store/sql/schema.def"
#undef STEP_IN_C
#undef STEP
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

int migrate_newest(void)
{
    return steps[STEPS - 1].version;
}

static bool fail_newer(ix_ctx *cx, const char *place, int version)
{
    return ix_fail(cx, IOTS_UNAVAILABLE,
                   "%s was written by a newer iotsd (schema %d, this one knows %d)", place, version,
                   migrate_newest());
}

/* What a word of a type is called by the driver; other words are what they are. */
static ix_str type_of(const db_driver *driver, ix_str word)
{
    if (ix_str_is(word, "TEXT"))
        return ix_str_of(driver->text);
    return ix_str_is(word, "BLOB") ? ix_str_of(driver->blob) : word;
}

/* The step in the driver's words, in cx. Only what makes columns speaks of their types. */
static const char *step_sql(ix_ctx *cx, const db_driver *driver, const step *step)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789";
    const char *kept = step->kept == CLUSTERED ? driver->clustered : "";
    const ix_str sql = ix_str_of(step->sql);
    if (!ix_str_starts(sql, "CREATE TABLE") && !ix_str_starts(sql, "ALTER TABLE"))
        return step->sql;

    ix_buf text = {0};
    for (const char *at = step->sql; *at;) {
        const size_t len = strspn(at, letters);
        if (len > 0)
            ix_buf_str(&text, type_of(driver, (ix_str){at, len}));
        else
            ix_buf_char(&text, *at);
        at += len > 0 ? len : 1;
    }
    ix_buf_text(&text, kept);
    ix_str made;
    ix_buf_take_in(cx, &text, &made);
    return made.at;
}

static bool run_step(ix_ctx *cx, db_conn *db, const step *step)
{
    if (step->run)
        return step->run(cx, db);
    const char *sql = step_sql(cx, db->driver, step);
    return sql && db->driver->run_once(cx, db, sql, NULL, 0, NULL);
}

/* Steps after `version` up to `target`. */
static bool run_steps(ix_ctx *cx, db_conn *db, int version, int target)
{
    for (size_t i = 0; i < STEPS; i++) {
        if (steps[i].version <= version || steps[i].version > target)
            continue;
        if (!run_step(cx, db, &steps[i]))
            return false;
    }
    return db->driver->schema_set(cx, db, target);
}

bool migrate_run(ix_ctx *cx, db_conn *db, const char *place)
{
    return migrate_to(cx, db, place, migrate_newest());
}

bool migrate_to(ix_ctx *cx, db_conn *db, const char *place, int target)
{
    int version;
    if (!db->driver->schema_get(cx, db, &version))
        return false;
    if (version > migrate_newest())
        return fail_newer(cx, place, version);
    if (version >= target)
        return true;

    if (!db->driver->begin(cx, db))
        return false;
    /* Asked again, because another program may have been quicker. */
    const bool ok = db->driver->schema_get(cx, db, &version) &&
                    run_steps(cx, db, version, target) && db->driver->commit(cx, db);
    db->driver->rollback(db);
    return ok;
}

bool migrate_check(ix_ctx *cx, db_conn *db, const char *place)
{
    int version;
    if (!db->driver->schema_get(cx, db, &version))
        return false;
    if (version > migrate_newest())
        return fail_newer(cx, place, version);
    if (version < migrate_newest())
        return ix_fail(cx, IOTS_UNAVAILABLE,
                       "%s is of schema %d, this iotsd needs %d: run 'iotsd migrate'", place,
                       version, migrate_newest());
    return true;
}
