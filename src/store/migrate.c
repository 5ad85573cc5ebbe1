/* SPDX-License-Identifier: Apache-2.0 */
#include "store/migrate.h"

typedef enum rows_kept { PLAIN, CLUSTERED } rows_kept;

typedef struct step {
    int version;
    rows_kept kept;
    const char *sql;
} step;

static const step steps[] = {
#define STEP(version, kept, sql) {version, kept, sql},
#include "store/schema.def"
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

/* Steps from `version` to the newest. */
static bool run_steps(ix_ctx *cx, db *db, int version)
{
    for (size_t i = 0; i < STEPS; i++) {
        if (steps[i].version <= version)
            continue;
        const char *kept = steps[i].kept == CLUSTERED ? db->driver->clustered : "";
        const char *sql = ix_format(cx, "%s%s", steps[i].sql, kept);
        if (!sql || !db->driver->run_once(cx, db, sql, NULL, 0, NULL))
            return false;
    }
    return db->driver->schema_set(cx, db, migrate_newest());
}

bool migrate_run(ix_ctx *cx, db *db, const char *place)
{
    int version;
    if (!db->driver->schema_get(cx, db, &version))
        return false;
    if (version > migrate_newest())
        return fail_newer(cx, place, version);
    if (version == migrate_newest())
        return true;

    if (!db->driver->begin(cx, db))
        return false;
    /* Asked again, because another program may have been quicker. */
    const bool ok = db->driver->schema_get(cx, db, &version) && run_steps(cx, db, version) &&
                    db->driver->commit(cx, db);
    db->driver->rollback(db);
    return ok;
}

bool migrate_check(ix_ctx *cx, db *db, const char *place)
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
