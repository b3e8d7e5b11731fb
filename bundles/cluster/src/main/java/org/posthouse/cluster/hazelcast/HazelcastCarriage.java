// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.Config;
import com.hazelcast.config.ListenerConfig;
import com.hazelcast.core.ExecutionCallback;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.core.LifecycleListener;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.transport.Carriage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries octets as tasks of Hazelcast's executor service. Starts on a thread of its own, since looking for the others
 * takes seconds, and starts again when Hazelcast ends by itself.
 */
public final class HazelcastCarriage implements Carriage {
    private static final long AGAIN = 5;
    private static final Logger LOG = LoggerFactory.getLogger(HazelcastCarriage.class);

    private final Place place;
    private final Consumer<byte[]> receiver;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean starting = new AtomicBoolean();
    private final AtomicBoolean ending = new AtomicBoolean();
    private final Estrangement estrangement = new Estrangement();
    private volatile @Nullable HazelcastInstance instance;
    private volatile Map<String, Member> members = Map.of();
    private volatile String trouble = "Hazelcast is starting";

    public HazelcastCarriage(Place place, Consumer<byte[]> receiver) {
        this.place = place;
        this.receiver = receiver;
    }

    @Override
    public void start() {
        if (starting.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("posthouse-cluster-start").start(this::tryToBegin);
        }
    }

    private void tryToBegin() {
        try {
            while (!begin() && !closed.await(AGAIN, TimeUnit.SECONDS)) {
                LOG.debug("Cluster: Hazelcast is started once more");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            starting.set(false);
        }
        HazelcastInstance running = instance;
        if (closed.getCount() > 0
                && running != null
                && !running.getLifecycleService().isRunning()) {
            // It ended while this thread still counted as the one that starts it.
            start();
        }
    }

    private boolean begin() {
        try {
            Place now = place.found();
            Config config = Instance.config(now, receiver);
            config.addListenerConfig(new ListenerConfig(new Watch()));
            HazelcastInstance started = Hazelcast.newHazelcastInstance(config);
            instance = started;
            trouble = "";
            if (closed.getCount() == 0) {
                // Closed while it started.
                started.getLifecycleService().terminate();
                return true;
            }
            look(started);
            LOG.info("Cluster: {} of cluster {} listens on {}", place.member(), place.cluster(), now.bind());
            return true;
        } catch (UnknownHostException e) {
            String now = "This member has no address: " + e.getMessage();
            if (!now.equals(trouble)) {
                LOG.warn("Cluster: {}; looked up every {} s", now, AGAIN);
            }
            trouble = now;
            return false;
        } catch (RuntimeException | LinkageError e) {
            String now = "Hazelcast does not start on " + place.bind() + ": " + e.getMessage();
            if (!now.equals(trouble)) {
                LOG.error("Cluster: Hazelcast does not start on {}; tried again every {} s", place.bind(), AGAIN, e);
            }
            trouble = now;
            return false;
        }
    }

    /** Hears who comes and goes. */
    private final class Watch implements MembershipListener, LifecycleListener {
        @Override
        public void memberAdded(MembershipEvent event) {
            change();
        }

        @Override
        public void memberRemoved(MembershipEvent event) {
            change();
        }

        @Override
        public void stateChanged(LifecycleEvent event) {
            if (event.getState() == LifecycleState.SHUTDOWN) {
                members = Map.of();
                if (closed.getCount() > 0) {
                    trouble = "Hazelcast ended by itself";
                    LOG.warn("Cluster: Hazelcast ended and is started again");
                    start();
                }
            } else {
                change();
            }
        }

        private void change() {
            HazelcastInstance running = instance;
            if (running != null && running.getLifecycleService().isRunning()) {
                look(running);
            }
        }
    }

    private synchronized void look(HazelcastInstance running) {
        Map<String, Member> found = new HashMap<>();
        // In the order in which they joined: of two with one name the later one is alive.
        for (Member member : running.getCluster().getMembers()) {
            String name = member.getAttribute(Instance.MEMBER);
            if (name != null && !member.localMember()) {
                found.put(name, member);
            }
        }
        members = Map.copyOf(found);
    }

    @Override
    public Set<String> connected() {
        return members.keySet();
    }

    @Override
    public String trouble() {
        return trouble;
    }

    @Override
    public void carry(String member, byte[] octets, Consumer<Ending> ended) {
        HazelcastInstance running = instance;
        Member to = members.get(member);
        if (running == null || to == null) {
            ended.accept(Ending.LOST);
            return;
        }
        try {
            // With a callback: the form that gives a future waits for each hundredth task.
            running.getExecutorService(Instance.EXECUTOR)
                    .submitToMember(new ParcelTask(octets), to, new ExecutionCallback<Boolean>() {
                        @Override
                        public void onResponse(Boolean taken) {
                            estrangement.taken(member);
                            ended.accept(Boolean.TRUE.equals(taken) ? Ending.TAKEN : Ending.LOST);
                        }

                        @Override
                        public void onFailure(Throwable failure) {
                            ended.accept(Ending.LOST);
                            if (estrangement.refused(
                                    member, failure, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))) {
                                beginAnew(running, member);
                            }
                        }
                    });
        } catch (RejectedExecutionException | IllegalStateException e) {
            LOG.debug("Cluster: nothing can be carried to {} now: {}", member, e.getMessage());
            ended.accept(Ending.LOST);
        }
    }

    /** Ends this instance; another one is started when it has ended. */
    private void beginAnew(HazelcastInstance estranged, String member) {
        if (instance == estranged && ending.compareAndSet(false, true)) {
            LOG.warn(
                    "Cluster: {} does not know this node as a member any more, and does not say so to Hazelcast",
                    member);
            Thread.ofPlatform().daemon().name("posthouse-cluster-end").start(() -> {
                try {
                    estranged.getLifecycleService().terminate();
                } finally {
                    estrangement.clear();
                    ending.set(false);
                }
            });
        }
    }

    /** Leaves without a word: the others notice by their own rules. */
    @Override
    public void close() {
        closed.countDown();
        HazelcastInstance running = instance;
        if (running != null) {
            running.getLifecycleService().terminate();
        }
    }
}
