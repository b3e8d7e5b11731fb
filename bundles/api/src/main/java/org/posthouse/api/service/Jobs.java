// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.service;

import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;

/** Work that is done again and again, once per cluster. */
@ProviderType
public interface Jobs {
    /** Runs the work every so often until the handle is closed; the first run comes after one period. */
    AutoCloseable every(String name, Duration period, Runnable work);
}
