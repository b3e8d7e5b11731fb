// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.posthouse.config.live.Publisher.Step;

/** Waits until the components whose values changed run with the new ones. */
final class Serving {
    private static final long POLL_MILLIS = 20;

    /** So long what had the old values may take to end: a listener gives open transactions its {@code drainTimeout}. */
    private static final Duration FAREWELL = Duration.ofMinutes(2);

    private static final String CAUSE = "Caused by: ";

    private final BundleContext context;
    private final ServiceComponentRuntime runtime;
    private final Duration limit;

    Serving(BundleContext context, ServiceComponentRuntime runtime, Duration limit) {
        this.context = context;
        this.runtime = runtime;
        this.limit = limit;
    }

    /** The PIDs none of whose components fails or waits for something. */
    Set<String> healthy(Collection<String> pids) {
        Collection<ComponentDescriptionDTO> all = runtime.getComponentDescriptionDTOs();
        Set<String> healthy = new HashSet<>();
        for (String pid : pids) {
            boolean good = all.stream()
                    .filter(component -> concerns(component, pid))
                    .flatMap(component -> runtime.getComponentConfigurationDTOs(component).stream())
                    .filter(configuration -> configuration.properties.containsKey(Publisher.REVISION + pid))
                    .allMatch(configuration -> configuration.state == ComponentConfigurationDTO.ACTIVE
                            || configuration.state == ComponentConfigurationDTO.SATISFIED);
            if (good) {
                healthy.add(pid);
            }
        }
        return healthy;
    }

    /**
     * Waits for these steps to be served.
     *
     * @param judged the PIDs that must come up; others may go on waiting for what they waited for before
     * @return what did not come up, one line each; empty when all is well
     */
    List<String> await(Collection<Step> steps, Set<String> judged) throws InterruptedException {
        long patience = System.nanoTime() + FAREWELL.toNanos();
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            List<State> states = steps.stream()
                    .filter(step -> step.after() != null && judged.contains(step.pid()))
                    .flatMap(step -> states(step).stream())
                    .toList();
            List<String> failed = states.stream()
                    .filter(state -> state.verdict() == Verdict.FAILED)
                    .map(State::text)
                    .toList();
            List<String> pending = states.stream()
                    .filter(state -> state.verdict() == Verdict.PENDING)
                    .map(State::text)
                    .toList();
            if (!failed.isEmpty() || pending.isEmpty()) {
                return failed;
            }
            long now = System.nanoTime();
            if (now - patience < 0 && states.stream().anyMatch(State::ending)) {
                // They have as long as any other from when they begin with the new values.
                end = now + limit.toNanos();
            }
            if (now - end > 0) {
                return pending;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private enum Verdict {
        SERVES,
        PENDING,
        FAILED
    }

    private record State(Verdict verdict, String text, boolean ending) {
        State(Verdict verdict, String text) {
            this(verdict, text, false);
        }
    }

    private List<State> states(Step step) {
        return runtime.getComponentDescriptionDTOs().stream()
                .filter(component -> concerns(component, step.pid()) && runtime.isComponentEnabled(component))
                .map(component -> state(component, step))
                .toList();
    }

    private State state(ComponentDescriptionDTO component, Step step) {
        for (ComponentConfigurationDTO one : runtime.getComponentConfigurationDTOs(component)) {
            if (String.valueOf(step.after()).equals(one.properties.get(Publisher.REVISION + step.pid()))) {
                return state(component, one, step.pid());
            }
        }
        // What has the old values has to end first.
        return new State(
                Verdict.PENDING,
                step.pid() + ": " + component.name + " did not take the new values",
                step.before() != null);
    }

    private State state(ComponentDescriptionDTO component, ComponentConfigurationDTO one, String pid) {
        return switch (one.state) {
            case ComponentConfigurationDTO.ACTIVE -> new State(Verdict.SERVES, "");
            case ComponentConfigurationDTO.FAILED_ACTIVATION ->
                new State(Verdict.FAILED, pid + ": " + component.name + " did not start: " + cause(one));
            case ComponentConfigurationDTO.SATISFIED -> satisfied(component, one, pid);
            default -> new State(Verdict.PENDING, pid + ": " + component.name + " waits for " + missing(one));
        };
    }

    /** A component that starts when it is first asked for is asked for once, for only then it shows whether it can. */
    private State satisfied(ComponentDescriptionDTO component, ComponentConfigurationDTO one, String pid) {
        boolean lazy = !component.immediate
                && component.serviceInterfaces.length > 0
                && "singleton".equals(component.scope)
                && component.factory == null;
        if (component.immediate || component.serviceInterfaces.length == 0) {
            return new State(Verdict.PENDING, pid + ": " + component.name + " has not started yet", true);
        }
        boolean good = !lazy || starts(one.id);
        return good
                ? new State(Verdict.SERVES, "")
                : new State(Verdict.FAILED, pid + ": " + component.name + " did not start; the log says why");
    }

    private boolean starts(long id) {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(null, "(component.id=" + id + ")");
            if (found == null) {
                return true;
            }
            for (ServiceReference<?> reference : found) {
                Object service = context.getService(reference);
                if (service == null) {
                    return false;
                }
                context.ungetService(reference);
            }
            return true;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("The filter is made of a number", e);
        }
    }

    private static String missing(ComponentConfigurationDTO one) {
        if (one.unsatisfiedReferences == null || one.unsatisfiedReferences.length == 0) {
            return "its configuration";
        }
        return Arrays.stream(one.unsatisfiedReferences)
                .map(reference -> reference.name)
                .toList()
                .toString();
    }

    private static String cause(ComponentConfigurationDTO one) {
        if (one.failure == null) {
            return "the log says why";
        }
        // The outermost cause says most, once what reflection wrapped around it is gone.
        return one.failure
                .lines()
                .filter(line -> !line.startsWith("\t") && !line.contains("InvocationTargetException"))
                .map(line -> line.startsWith(CAUSE) ? line.substring(CAUSE.length()) : line)
                .findFirst()
                .orElse("the log says why");
    }

    private static boolean concerns(ComponentDescriptionDTO component, String pid) {
        int tilde = pid.indexOf('~');
        String base = tilde < 0 ? pid : pid.substring(0, tilde);
        return Arrays.asList(component.configurationPid).contains(base)
                || Arrays.asList(component.configurationPid).contains(pid);
    }
}
