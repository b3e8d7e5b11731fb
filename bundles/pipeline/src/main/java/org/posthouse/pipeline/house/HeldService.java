// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * A service that one thread asks for while another waits, and perhaps gives up before it comes: then it is given back when
 * it does, or the component behind it would stand as long as its bundle.
 */
final class HeldService {
    private final BundleContext context;
    private final ServiceReference<?> reference;
    private boolean held;
    private boolean over;

    HeldService(BundleContext context, ServiceReference<?> reference) {
        this.context = context;
        this.reference = reference;
    }

    /**
     * Asks for it, which may construct it.
     *
     * @throws HouseException when there is none, or nobody waits for it any more
     */
    Object take(String type) throws HouseException {
        Object service = context.getService(reference);
        if (service == null) {
            throw new HouseException("component " + type + " could not be constructed; the log says why");
        }
        synchronized (this) {
            held = !over;
            if (held) {
                return service;
            }
        }
        context.ungetService(reference);
        throw new HouseException("component " + type + " came too late");
    }

    /** Nobody waits for it any more. */
    void giveUp() {
        synchronized (this) {
            over = true;
            if (!held) {
                return;
            }
            held = false;
        }
        context.ungetService(reference);
    }
}
