// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.meters;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Counts how often each bundle was started: proof that swapping a plugin restarts no other. */
@Component(immediate = true, service = BundleStarts.class)
public final class BundleStarts implements SynchronousBundleListener {
    private final BundleContext context;
    private final MeterRegistry registry;

    @Activate
    public BundleStarts(BundleContext context, @Reference MeterRegistry registry) {
        this.context = context;
        this.registry = registry;
        context.addBundleListener(this);
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getState() == Bundle.ACTIVE) {
                counter(bundle).increment();
            }
        }
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.STARTED) {
            counter(event.getBundle()).increment();
        }
    }

    private Counter counter(Bundle bundle) {
        return Counter.builder("posthouse.bundle.starts")
                .description("How often a bundle was started.")
                .tag("bundle", String.valueOf(bundle.getSymbolicName()))
                .register(registry);
    }

    @Deactivate
    void stop() {
        context.removeBundleListener(this);
    }
}
