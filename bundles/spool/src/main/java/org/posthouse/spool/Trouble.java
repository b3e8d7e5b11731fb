// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What an error of the disk or of RocksDB means. */
final class Trouble {
    private Trouble() {}

    static SpoolException of(RocksDBException e) {
        String reason = e.getMessage() == null ? "RocksDB failed" : e.getMessage();
        Status status = e.getStatus();
        boolean full = (status != null && status.getSubCode() == Status.SubCode.NoSpace) || full(reason);
        return new SpoolException(full ? SpoolException.Kind.FULL : SpoolException.Kind.SICK, reason, e);
    }

    static SpoolException of(IOException e) {
        if (e instanceof SpoolException known) {
            return known;
        }
        boolean full = full(String.valueOf(e.getMessage()));
        return new SpoolException(
                full ? SpoolException.Kind.FULL : SpoolException.Kind.SICK, String.valueOf(e.getMessage()), e);
    }

    private static boolean full(String reason) {
        String lower = reason.toLowerCase(Locale.ROOT);
        return lower.contains("no space left") || lower.contains("quota exceeded");
    }

    /** Whether files of the store are damaged or missing, so that opening it again as it is can not help. */
    static boolean damage(@Nullable Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof RocksDBException rocks) {
                Status status = rocks.getStatus();
                String reason = String.valueOf(rocks.getMessage());
                return (status != null && status.getCode() == Status.Code.Corruption)
                        || reason.contains("Corruption")
                        || reason.contains("No such file");
            }
        }
        return false;
    }
}
