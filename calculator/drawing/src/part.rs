//! A part of a drawing as a component, which Yew asks for nodes only where its record differs from the last one.

use std::marker::PhantomData;
use std::rc::Rc;

use yew::virtual_dom::{Key, VComp, VNode};
use yew::{Component, Context, Html, Properties};

use crate::Act;
use crate::record::Record;

/// What is drawn, and where what happens to it is sent, which is always the same place.
#[derive(Properties)]
struct Drawn<A: Act> {
    record: Rc<Record<A>>,
    send: Rc<dyn Fn(A)>,
}

impl<A: Act> PartialEq for Drawn<A> {
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record
    }
}

struct Part<A>(PhantomData<A>);

impl<A: Act> Component for Part<A> {
    type Message = ();
    type Properties = Drawn<A>;

    fn create(_: &Context<Self>) -> Self {
        Self(PhantomData)
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let Drawn { record, send } = context.props();
        record.nodes(send).into()
    }
}

pub(crate) fn node<A: Act>(key: &str, record: &Rc<Record<A>>, send: &Rc<dyn Fn(A)>) -> VNode {
    let drawn = Drawn { record: Rc::clone(record), send: Rc::clone(send) };
    VComp::new::<Part<A>>(Rc::new(drawn), Some(Key::from(key))).into()
}
