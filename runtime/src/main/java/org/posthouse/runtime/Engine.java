// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.posthouse.config.spi.LaunchProperties;

/** The OSGi framework with the bundles of the features in it. */
final class Engine {
    private static final Duration EVENTS = Duration.ofSeconds(30);

    private final Framework framework;
    private final Home home;
    private final List<Feature> features;
    private final List<FrameworkEvent> failures = new CopyOnWriteArrayList<>();
    /** The bundles of the features; plugins come and go beside them and never decide over the start. */
    private final List<Bundle> ours = new ArrayList<>();

    private final CountDownLatch started = new CountDownLatch(1);
    private volatile Runnable relaunch = () -> {};

    private Engine(Framework framework, Home home, List<Feature> features) {
        this.framework = framework;
        this.home = home;
        this.features = List.copyOf(features);
    }

    /**
     * A framework that is configured, not yet started.
     *
     * @param asked the properties of the command line, see {@code org.posthouse.config.spi.LaunchProperties}
     */
    static Engine of(Home home, Path data, List<Feature> features, Map<String, String> asked) {
        Map<String, String> properties = new LinkedHashMap<>();
        features.forEach(feature -> properties.putAll(feature.framework()));
        properties.replaceAll((name, value) -> value.replace("${posthouse.data}", data.toString())
                .replace("${posthouse.home}", home.path().toString()));
        properties.putAll(asked);
        properties.put(
                Constants.FRAMEWORK_STORAGE, data.resolve("run/osgi-cache").toString());
        // The features are the truth, at every start anew: nothing of an earlier run is installed.
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(highestLevel(features)));
        properties.put("org.ops4j.pax.logging.property.file", home.logback().toString());
        // Failures to start are reported by us, in a readable form, and later ones by the logging bundle.
        properties.put("felix.log.level", "0");
        return new Engine(new FrameworkFactory().newFramework(properties), home, features);
    }

    private static int highestLevel(List<Feature> features) {
        return features.stream()
                .flatMap(feature -> feature.bundles().stream())
                .mapToInt(Feature.Entry::startLevel)
                .max()
                .orElse(1);
    }

    /** Who is told when a bundle wants the server to stop and be started anew; before {@link #start}. */
    void onRelaunch(Runnable listener) {
        relaunch = listener;
    }

    /**
     * Installs every bundle and starts none.
     *
     * @throws StartException when one is missing or no bundle
     */
    void install() {
        try {
            framework.init();
            framework.getBundleContext().addFrameworkListener(this::heard);
            // A type of the JDK, for bundles have classes of their own.
            framework
                    .getBundleContext()
                    .registerService(
                            Runnable.class,
                            () -> relaunch.run(),
                            FrameworkUtil.asDictionary(Map.of(LaunchProperties.WISH, LaunchProperties.RELAUNCH)));
            installAll();
        } catch (BundleException refused) {
            throw notStarted(refused);
        }
    }

    /**
     * Starts what was installed, level by level; returns when the last level is reached.
     *
     * @throws StartException with one readable paragraph for each bundle that does not start
     */
    void start() throws InterruptedException {
        try {
            framework.start();
            // Events come in order on a thread of the framework: after this one all failures are known.
            if (!started.await(EVENTS.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new StartException("the OSGi framework does not report that it has started");
            }
        } catch (BundleException refused) {
            throw notStarted(refused);
        }
        BundleContext context = framework.getBundleContext();
        List<String> findings = Diagnosis.of(ours, context.getBundles(), failures);
        if (findings.isEmpty()) {
            findings = Components.failed(context, ours);
        }
        if (!findings.isEmpty()) {
            throw new StartException(String.join("\n", findings));
        }
    }

    private static StartException notStarted(BundleException refused) {
        return new StartException("the OSGi framework does not start: " + refused.getMessage(), refused);
    }

    private void heard(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.ERROR && started.getCount() > 0) {
            failures.add(event);
        } else if (event.getType() == FrameworkEvent.STARTED) {
            started.countDown();
        }
    }

    private void installAll() throws BundleException {
        BundleContext context = framework.getBundleContext();
        for (Feature feature : features) {
            for (Feature.Entry entry : feature.bundles()) {
                Bundle bundle = context.installBundle("reference:" + jar(feature, entry));
                bundle.adapt(BundleStartLevel.class).setStartLevel(entry.startLevel());
                ours.add(bundle);
            }
        }
        for (Bundle bundle : ours) {
            if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
                bundle.start();
            }
        }
    }

    private String jar(Feature feature, Feature.Entry entry) {
        Path jar = home.artifact(entry.id());
        if (!Files.isRegularFile(jar)) {
            throw new StartException("feature " + feature.id() + " lists " + entry.id() + ", but there is no " + jar);
        }
        return jar.toUri().toString();
    }

    /** Waits until the framework has stopped, whoever stopped it. */
    void await() throws InterruptedException {
        framework.waitForStop(0);
    }

    /**
     * Stops level by level, the highest first: listeners before the queue, the queue before the spool.
     *
     * @return the bundles that still run when the time is over; empty after a complete stop
     */
    List<String> stop(Duration limit) throws InterruptedException {
        try {
            framework.stop();
        } catch (BundleException refused) {
            throw new StartException("the OSGi framework does not stop: " + refused.getMessage(), refused);
        }
        FrameworkEvent end = framework.waitForStop(limit.toMillis());
        return end.getType() == FrameworkEvent.WAIT_TIMEDOUT ? running() : List.of();
    }

    private List<String> running() {
        List<String> names = new ArrayList<>();
        BundleContext context = framework.getBundleContext();
        if (context != null) {
            for (Bundle bundle : context.getBundles()) {
                if (bundle.getBundleId() != Constants.SYSTEM_BUNDLE_ID
                        && (bundle.getState() & (Bundle.ACTIVE | Bundle.STOPPING)) != 0) {
                    names.add(bundle.getSymbolicName());
                }
            }
        }
        return names.isEmpty() ? List.of("the framework itself") : names;
    }
}
