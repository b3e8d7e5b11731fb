// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.offers;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.posthouse.admin.spi.OfferException;
import org.posthouse.admin.spi.OfferException.Kind;

/**
 * The services of one type that plugins bring. Each is fetched when it is first asked and let go of when it is
 * unregistered, so that nothing of a plugin outlives it here.
 *
 * @param <S> the type of the services
 * @param <D> what a service says of itself, once; holds nothing of the plugin's
 */
final class Shelf<S, D> implements ServiceListener {
    private static final Duration INTRODUCTION = Duration.ofSeconds(2);

    private final BundleContext context;
    private final Class<S> type;
    private final Introduction<S, D> introduction;
    private final Runnable changed;
    private final Map<ServiceReference<?>, Place<S, D>> places = new ConcurrentHashMap<>();

    /** While the event of its end goes round, a service still stands in the registry. */
    private final Set<ServiceReference<?>> leaving = ConcurrentHashMap.newKeySet();

    Shelf(BundleContext context, Class<S> type, Introduction<S, D> introduction, Runnable changed) {
        this.context = context;
        this.type = type;
        this.introduction = introduction;
        this.changed = changed;
    }

    /** Has a service say who it is. */
    @FunctionalInterface
    interface Introduction<S, D> {
        D of(S service, String plugin);
    }

    /** A question to a service. */
    @FunctionalInterface
    interface Question<S, T> {
        T ask(S service) throws Exception;
    }

    /** Where one service stands. */
    private static final class Place<S, D> {
        private final Caller caller = new Caller();
        private volatile @Nullable S service;
        private volatile @Nullable D known;
        private volatile boolean useless;
    }

    void open() {
        try {
            context.addServiceListener(this, "(" + Constants.OBJECTCLASS + "=" + type.getName() + ")");
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    void close() {
        context.removeServiceListener(this);
        places.keySet().forEach(context::ungetService);
        places.clear();
    }

    @Override
    public void serviceChanged(ServiceEvent event) {
        if (event.getType() == ServiceEvent.UNREGISTERING) {
            leaving.add(event.getServiceReference());
            places.remove(event.getServiceReference());
        }
        changed.run();
    }

    /** What all services say of themselves, those registered last first; one that fails to say is left out. */
    List<D> all() {
        return references().stream()
                .flatMap(reference -> introduced(reference).stream())
                .toList();
    }

    /** Asks the newest service that fits; empty when none does. */
    <T> Optional<T> ask(Predicate<D> wanted, String what, Duration limit, Question<S, T> question)
            throws OfferException {
        for (ServiceReference<S> reference : references()) {
            if (introduced(reference).filter(wanted).isPresent()) {
                return Optional.of(ask(reference, what, limit, question));
            }
        }
        return Optional.empty();
    }

    private List<ServiceReference<S>> references() {
        leaving.removeIf(reference -> reference.getBundle() == null);
        try {
            Collection<ServiceReference<S>> found = context.getServiceReferences(type, null);
            // References compare by ranking first, which a plugin chooses; the number tells which came last.
            return found.stream()
                    .filter(reference -> !leaving.contains(reference))
                    .sorted(Comparator.<ServiceReference<S>, Long>comparing(
                                    reference -> (Long) reference.getProperty(Constants.SERVICE_ID))
                            .reversed())
                    .toList();
        } catch (IllegalStateException stopping) {
            // Our bundle stops, and a page that goes with it has somebody ask once more.
            return List.of();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Optional<D> introduced(ServiceReference<S> reference) {
        Place<S, D> place = place(reference);
        Bundle bundle = reference.getBundle();
        if (bundle != null && place.known == null && !place.useless) {
            String plugin = String.valueOf(bundle.getSymbolicName());
            try {
                place.known = ask(
                        reference, plugin + ", asked what it offers,", INTRODUCTION, s -> introduction.of(s, plugin));
            } catch (OfferException e) {
                // Was logged. One that was late may be asked again, one that failed would fail again.
                place.useless = e.kind() == Kind.FAILED;
            }
        }
        return Optional.ofNullable(place.known);
    }

    private <T> T ask(ServiceReference<S> reference, String what, Duration limit, Question<S, T> question)
            throws OfferException {
        Place<S, D> place = place(reference);
        try {
            return place.caller.ask(what, limit, () -> question.ask(service(reference, place)));
        } finally {
            if (reference.getBundle() == null || leaving.contains(reference)) {
                places.remove(reference);
            }
        }
    }

    private Place<S, D> place(ServiceReference<S> reference) {
        return places.computeIfAbsent(reference, r -> new Place<>());
    }

    /** The service; on the thread that asks it, since fetching it runs code of the plugin. */
    private S service(ServiceReference<S> reference, Place<S, D> place) {
        synchronized (place) {
            S service = place.service == null ? context.getService(reference) : place.service;
            if (service == null) {
                throw new IllegalStateException("it is not there any more");
            }
            place.service = service;
            return service;
        }
    }
}
